/**
 * Guarantee 1: an event answered 202 is in ClickHouse exactly once, whatever is killed, whenever, and however often the
 * client sends it again. E2E_KILLS=50 makes the long version; E2E_SEED repeats a run.
 */
import { describe, expect, it } from 'vitest'
import { config } from './config.ts'
import { runChaos } from './harness/chaos.ts'
import { expectExactlyOnce, figures, say, startBoth, startClients, withProduct } from './harness/scenario.ts'

/** A start takes seconds on a busy machine, and a kill can need three of them. */
const TIMEOUT_MS = 600_000 + config.kills * 180_000

describe('exactly once under kill -9', () => {
  it(`loses and doubles nothing over ${config.kills} kills of edge, core and supervisor while clients send and repeat`, {
    timeout: TIMEOUT_MS,
  }, async () => {
    await withProduct('kills', async (scenario) => {
      await startBoth(scenario.product)
      const traffic = startClients(scenario)
      const report = await runChaos({ ...scenario, traffic }, config.kills, say)
      await traffic.finish()
      expect(report.kills).toBeGreaterThanOrEqual(config.kills)
      const verdict = await expectExactlyOnce(scenario)
      say(`${report.kills} kills (${JSON.stringify(report.acts)}); retries ${JSON.stringify(traffic.retries())}`)
      say(figures(scenario, verdict))

      // Nothing that was put off until now may change a number later: start again and look again.
      await scenario.product.stop('edge')
      await scenario.product.stop('core')
      await startBoth(scenario.product)
      await expectExactlyOnce(scenario)
    })
  })
})
