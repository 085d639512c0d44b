/** The process dies at each named step of the edge and of the loader in turn, with clients sending all along. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EDGE_FAULT_POINTS } from '../../ingest-edge/src/fault-point.ts'
import { FAULT_POINTS } from '../../stream-jobs/src/fault-points.ts'
import { config } from './config.ts'
import { dieAtFaultPoint, killPart, type Stage, someTraffic } from './harness/chaos.ts'
import { createRandom } from './harness/random.ts'
import { expectExactlyOnce, figures, say, startBoth, startClients, withProduct } from './harness/scenario.ts'
import { waitFor } from './harness/wait-for.ts'

const TIMEOUT_MS = 2_400_000

/** All of them in the long version (E2E_KILLS=50 or more), else some, chosen by the seed. */
const RECOVERED = createRandom(config.seed)
  .shuffled(FAULT_POINTS)
  .slice(0, config.kills >= 50 ? FAULT_POINTS.length : 5)

interface LoaderCheck {
  readonly checks: { readonly loader: { readonly partitions: readonly { loadedTo: number; openIntent: boolean }[] } }
}

/** Without a finished batch there is no index to rebuild, and the fault points of that are never passed. */
async function someBatchFinished({ product }: Stage): Promise<void> {
  const finished = async () => {
    const answer = await fetch(`${product.apiUrl}/health`, { signal: AbortSignal.timeout(10_000) })
    const { checks } = (await answer.json()) as LoaderCheck
    return checks.loader.partitions.some((p) => p.loadedTo > 0 && !p.openIntent)
  }
  await waitFor('a first batch to be finished', finished, { timeoutMs: 300_000 })
}

/** The state a point needs to be passed at all. */
async function prepare(stage: Stage, point: string): Promise<void> {
  if (point.includes('index-rebuild')) await rm(join(stage.product.dataDir, 'dedupe'), { recursive: true, force: true })
  if (point.includes('redo')) await dieAtFaultPoint(stage, 'core', 'after-intent', 1)
}

describe('kill -9 at a fault point', () => {
  it('of the loader, each in turn, one death right after the other, loses and doubles nothing', {
    timeout: TIMEOUT_MS,
  }, async () => {
    await withProduct('loader-fault-points', async (scenario) => {
      const stage = { ...scenario, traffic: startClients(scenario, 2) }
      await startBoth(scenario.product)
      await someTraffic(stage)
      await someBatchFinished(stage)
      await killPart(scenario.product, 'core')
      for (const point of FAULT_POINTS) {
        await prepare(stage, point)
        await dieAtFaultPoint(stage, 'core', point, 1)
      }
      await scenario.product.start('core')
      await stage.traffic.finish()
      const verdict = await expectExactlyOnce(scenario)
      say(`died at ${FAULT_POINTS.length} points; ${figures(scenario, verdict)}`)
    })
  })

  it(`of the loader, ${RECOVERED.length} of them, with time to recover between, loses and doubles nothing`, {
    timeout: TIMEOUT_MS,
  }, async () => {
    await withProduct('loader-fault-points-recovered', async (scenario) => {
      const stage = { ...scenario, traffic: startClients(scenario, 2) }
      await startBoth(scenario.product)
      for (const point of RECOVERED) {
        await someTraffic(stage, 200)
        await someBatchFinished(stage)
        await killPart(scenario.product, 'core')
        await prepare(stage, point)
        await dieAtFaultPoint(stage, 'core', point, 1)
        await scenario.product.start('core')
      }
      await stage.traffic.finish()
      const verdict = await expectExactlyOnce(scenario)
      say(`died at ${RECOVERED.join(', ')}; ${figures(scenario, verdict)}`)
    })
  })

  it('of the edge, each in turn at several passages, loses and doubles nothing', { timeout: TIMEOUT_MS }, async () => {
    await withProduct('edge-fault-points', async (scenario) => {
      const stage = { ...scenario, traffic: startClients(scenario, 4) }
      await scenario.product.start('core')
      const deaths = EDGE_FAULT_POINTS.flatMap((point) => [1, 2, 17].map((passage) => ({ point, passage })))
      for (const { point, passage } of deaths) await dieAtFaultPoint(stage, 'edge', point, passage)
      await scenario.product.start('edge')
      await stage.traffic.finish()
      const verdict = await expectExactlyOnce(scenario)
      // A death between the append and the answer makes the client repeat what is stored already.
      expect(verdict.reconciliation.accepted).toBeGreaterThan(scenario.ledger.acknowledgedCopies())
      say(`died ${deaths.length} times; ${figures(scenario, verdict)}`)
    })
  })
})
