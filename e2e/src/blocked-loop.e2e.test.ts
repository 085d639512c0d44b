/** An event loop that stands still for seconds: clients give up and send again, health turns red, nothing is lost or doubled. */
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { someTraffic } from './harness/chaos.ts'
import { isHealthy, type PartName, type StartOptions } from './harness/product.ts'
import { expectExactlyOnce, figures, type Scenario, say, withProduct } from './harness/scenario.ts'
import { startTraffic, type Traffic } from './harness/traffic.ts'
import { waitFor } from './harness/wait-for.ts'

const TIMEOUT_MS = 1_200_000
/** Longer than an edge waits for a body (EDGE_BODY_STALL_MS), so that it must not blame its own rest on clients. */
const BLOCK_MS = 9_000
const CLIENT_TIMEOUT_MS = 2_000
const PRELOAD = fileURLToPath(new URL('./harness/block-loop.mjs', import.meta.url))
const options: StartOptions = {
  env: { NODE_OPTIONS: `--import ${PRELOAD}`, BLOCK_LOOP_MS: String(BLOCK_MS) },
}

describe('a blocked event loop', () => {
  it('of the edge, of the core and of both at once loses and doubles nothing, and health says so', {
    timeout: TIMEOUT_MS,
  }, async () => {
    await withProduct('blocked-loop', async (scenario) => {
      const { product, ledger, random } = scenario
      await Promise.all([product.start('edge', options), product.start('core', options)])
      const traffic = startTraffic({
        edgeUrl: product.edgeUrl,
        ledger,
        random: random.fork('traffic'),
        clients: 4,
        nowMs: Date.now(),
        timeoutMs: CLIENT_TIMEOUT_MS,
      })
      for (const names of random.shuffled<PartName[]>([['edge'], ['core'], ['edge', 'core']])) {
        await someTraffic({ ...scenario, traffic })
        await block(scenario, traffic, names)
      }
      await someTraffic({ ...scenario, traffic })
      await traffic.finish()
      const verdict = await expectExactlyOnce(scenario)
      expect(traffic.retries()).not.toEqual({})
      say(`sent again: ${JSON.stringify(traffic.retries())}; ${figures(scenario, verdict)}`)
    })
  })
})

/** Ends when all of them are healthy again, the same processes as before. */
async function block(scenario: Scenario, traffic: Traffic, names: readonly PartName[]): Promise<void> {
  const { product } = scenario
  const parts = names.map((name) => ({ name, part: product.running(name) }))
  for (const { part } of parts) part?.signal('SIGUSR2')
  for (const { name } of parts)
    await waitFor(`the ${name} to be silent`, async () => !(await answersAtOnce(urlOf(scenario, name))))
  // An edge goes on while the core stands still.
  if (!names.includes('edge')) await someTraffic({ ...scenario, traffic }, 200)
  for (const { name, part } of parts) {
    await waitFor(`the ${name} to be healthy again`, () => isHealthy(urlOf(scenario, name)))
    expect(part?.exit()).toBeNull()
  }
  say(`blocked: ${names.join(' and ')}`)
}

const urlOf = ({ product }: Scenario, name: PartName): string => (name === 'edge' ? product.edgeUrl : product.apiUrl)

async function answersAtOnce(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(1_000) })
    await answer.arrayBuffer()
    return true
  } catch {
    return false
  }
}
