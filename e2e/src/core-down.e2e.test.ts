/** The edge does not need the core: what it accepts meanwhile is there when the core is back. */
import { describe, expect, it } from 'vitest'
import { killPart, someTraffic } from './harness/chaos.ts'
import { isHealthy } from './harness/product.ts'
import { expectExactlyOnce, figures, say, startBoth, startClients, withProduct } from './harness/scenario.ts'

describe('while the core is down', () => {
  it('the edge accepts and stays healthy, and the core catches up by itself after its start', async () => {
    await withProduct('core-down', async (scenario) => {
      const { product, ledger } = scenario
      await startBoth(product)
      const traffic = startClients(scenario)
      await someTraffic({ ...scenario, traffic })
      await killPart(product, 'core')
      const before = ledger.acknowledgedEvents()
      await someTraffic({ ...scenario, traffic }, 3_000)
      expect(await isHealthy(product.edgeUrl)).toBe(true)
      await traffic.finish()
      const meanwhile = ledger.acknowledgedEvents() - before
      expect(meanwhile).toBeGreaterThan(0)
      await product.start('core')
      const verdict = await expectExactlyOnce(scenario)
      say(`${meanwhile} events while the core was down; ${figures(scenario, verdict)}`)
    })
  })

  it('the edge accepts before any core ever ran', async () => {
    await withProduct('core-never-ran', async (scenario) => {
      const { product } = scenario
      await product.start('edge')
      const traffic = startClients(scenario)
      await someTraffic({ ...scenario, traffic })
      await traffic.finish()
      await product.start('core')
      const verdict = await expectExactlyOnce(scenario)
      say(figures(scenario, verdict))
    })
  })
})
