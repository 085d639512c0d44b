/** `npm start` as an operator knows it: stops cleanly, survives its own death, and never runs twice on one directory. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { someTraffic, supervisedParts } from './harness/chaos.ts'
import { createProduct } from './harness/product.ts'
import { expectExactlyOnce, figures, say, startClients, withProduct } from './harness/scenario.ts'
import { waitFor } from './harness/wait-for.ts'

const GONE_WITHIN = { timeoutMs: 180_000 }

describe('npm start', () => {
  it('stops on Ctrl-C with exit 0, frees every port, leaves no process and loses nothing', async () => {
    await withProduct('ctrl-c', async (scenario) => {
      const { product } = scenario
      const supervisor = await product.start('supervisor')
      const traffic = startClients(scenario)
      await someTraffic({ ...scenario, traffic })
      // In the middle of the traffic: what is under way is either answered or not accepted.
      supervisor.signal('SIGINT')
      expect(await supervisor.exited).toEqual({ code: 0, signal: null })
      expect(await product.portsAreFree()).toBe(true)
      await waitFor('every process to be gone', async () => (await product.processes()).length === 0, GONE_WITHIN)
      expect(supervisor.output()).toContain('Stopped.')
      await product.start('supervisor')
      await traffic.finish()
      const verdict = await expectExactlyOnce(scenario)
      say(figures(scenario, verdict))
    })
  })

  it('is followed by its parts when it is killed with -9, and starts again on the same data', async () => {
    await withProduct('supervisor-killed', async (scenario) => {
      const { product } = scenario
      const supervisor = await product.start('supervisor')
      const parts = await supervisedParts(product)
      expect(parts).toHaveLength(2)
      const traffic = startClients(scenario)
      await someTraffic({ ...scenario, traffic })
      await supervisor.kill()
      await waitFor(
        'its parts to stop by themselves',
        async () => (await product.processes()).length === 0,
        GONE_WITHIN,
      )
      expect(await product.portsAreFree()).toBe(true)
      await product.start('supervisor')
      await traffic.finish()
      const verdict = await expectExactlyOnce(scenario)
      say(figures(scenario, verdict))
    })
  })

  it('starts a part again that dies', async () => {
    await withProduct('part-dies', async (scenario) => {
      const { product } = scenario
      const supervisor = await product.start('supervisor')
      const traffic = startClients(scenario)
      for (const name of ['processes/core.mjs', 'processes/edge.mjs']) {
        await someTraffic({ ...scenario, traffic })
        const victim = (await supervisedParts(product)).find((p) => p.command.includes(name))
        if (victim === undefined) throw new Error(`kill ${name}: the supervisor does not run it`)
        process.kill(victim.pid, 'SIGKILL')
        await waitFor(`another ${name}`, async () => {
          const now = (await supervisedParts(product)).find((p) => p.command.includes(name))
          return now !== undefined && now.pid !== victim.pid
        })
        await supervisor.ready()
      }
      await traffic.finish()
      await expectExactlyOnce(scenario)
    })
  })

  it('refuses a data directory that another product uses, says which process has it, and leaves that one alone', async () => {
    await withProduct('twice', async (scenario) => {
      const { product, ledger } = scenario
      await product.start('supervisor')
      const second = await createProduct({ dataDir: product.dataDir })
      const refused = await second.launch('supervisor')
      const exit = await waitFor('the second product to give up', refused.exit, { timeoutMs: 300_000 })
      expect(exit.code).not.toBe(0)
      expect(exit.signal).toBeNull()
      const parts = await supervisedParts(product)
      expect(parts.some((p) => refused.output().includes(String(p.pid)))).toBe(true)
      expect(await second.portsAreFree()).toBe(true)
      const traffic = startClients(scenario)
      await someTraffic({ ...scenario, traffic })
      await traffic.finish()
      await expectExactlyOnce(scenario)
      expect(ledger.acknowledgedEvents()).toBeGreaterThan(0)
    })
  })

  it('refuses a port that is taken and names the setting', async () => {
    const first = await createProduct()
    const second = await createProduct({ env: { EDGE_PORT: String(first.ports.edge) } })
    try {
      await first.start('edge')
      const refused = await second.launch('supervisor')
      expect((await refused.exited).code).toBe(1)
      expect(refused.output()).toContain('EDGE_PORT')
      expect(refused.output()).toContain(String(first.ports.edge))
    } finally {
      await second.dispose()
      await first.dispose()
    }
  })

  it('names every wrong setting at once and starts nothing', async () => {
    const product = await createProduct({ env: { EDGE_PORT: 'eighty', API_PORT: '0', ECOMIND_MODE: randomUUID() } })
    try {
      const refused = await product.launch('supervisor')
      expect((await refused.exited).code).toBe(1)
      for (const name of ['EDGE_PORT', 'API_PORT', 'ECOMIND_MODE']) expect(refused.output()).toContain(name)
    } finally {
      await product.dispose()
    }
  })
})
