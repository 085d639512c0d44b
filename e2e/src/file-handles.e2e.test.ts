/**
 * No file handles left, because idle connections hold them all: new connections and new files are refused, nothing dies,
 * and it goes on by itself once they are given back.
 */
import { execFile } from 'node:child_process'
import { Agent, get } from 'node:http'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { someTraffic } from './harness/chaos.ts'
import { openIdleSockets } from './harness/idle-sockets.ts'
import { isHealthy } from './harness/product.ts'
import { expectExactlyOnce, figures, type Scenario, say, withProduct } from './harness/scenario.ts'
import { startTraffic, type Traffic } from './harness/traffic.ts'
import { waitFor } from './harness/wait-for.ts'

const run = promisify(execFile)
const TIMEOUT_MS = 1_200_000
/** Little more than each part has open when it is at rest. */
const EDGE_HANDLES = 64
const CORE_HANDLES = 400
const CLIENT_TIMEOUT_MS = 2_000

interface CoreHealth {
  readonly checks: { readonly loader: { readonly status: string; readonly detail: string } }
}

describe('a process without a file handle left', () => {
  it('refuses and goes on when it has some again, edge and core alike; nothing is lost or doubled', {
    timeout: TIMEOUT_MS,
  }, async () => {
    await withProduct('file-handles', async (scenario) => {
      const { product } = scenario
      // From now on, for a start opens many files at once to read the code.
      await limitHandles((await product.start('edge')).pid, EDGE_HANDLES)
      await limitHandles((await product.start('core')).pid, CORE_HANDLES)
      const traffic = startFewDays(scenario)
      await someTraffic({ ...scenario, traffic })
      await starveEdge(scenario, traffic)
      await starveCore(scenario, traffic)
      await someTraffic({ ...scenario, traffic })
      await traffic.finish()
      const verdict = await expectExactlyOnce(scenario)
      say(`sent again: ${JSON.stringify(traffic.retries())}; ${figures(scenario, verdict)}`)
    })
  })
})

async function limitHandles(pid: number, openFilesMax: number): Promise<void> {
  await run('prlimit', ['--pid', String(pid), `--nofile=${openFilesMax}`])
}

function startFewDays({ product, ledger, random }: Scenario): Traffic {
  return startTraffic({
    edgeUrl: product.edgeUrl,
    ledger,
    random: random.fork('traffic'),
    clients: 3,
    nowMs: Date.now(),
    daysBack: 3,
    timeoutMs: CLIENT_TIMEOUT_MS,
  })
}

/** Who comes now is not let in; who is in already goes on sending. */
async function starveEdge(scenario: Scenario, traffic: Traffic): Promise<void> {
  const { product } = scenario
  const edge = product.running('edge')
  const sockets = openIdleSockets(product.ports.edge, EDGE_HANDLES * 2)
  try {
    await waitFor('the edge to let nobody in', async () => !(await letsIn(product.edgeUrl)))
    await someTraffic({ ...scenario, traffic }, 200)
  } finally {
    sockets.close()
  }
  await waitFor('the edge to be healthy again', () => isHealthy(product.edgeUrl))
  expect(edge?.exit()).toBeNull()
  say('the edge had no handle left, and goes on')
}

/** The loader can open no file of ClickHouse: it says so and waits. */
async function starveCore(scenario: Scenario, traffic: Traffic): Promise<void> {
  const { product } = scenario
  const core = product.running('core')
  // A connection from before, because no other would be let in.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const loaderOf = async () => (await ask<CoreHealth>(`${product.apiUrl}/health`, agent)).checks.loader
  await loaderOf()
  const sockets = openIdleSockets(product.ports.api, CORE_HANDLES * 2)
  try {
    const { detail } = await waitFor(
      'the loader to be refused',
      async () => {
        const loader = await loaderOf()
        return loader.status === 'degraded' && /too many open files|EMFILE/i.test(loader.detail) ? loader : null
      },
      { abortWhen: () => (product.running('core') === null ? new Error('the core has died') : null) },
    )
    say(detail.slice(0, 200))
    await someTraffic({ ...scenario, traffic }, 200)
  } finally {
    sockets.close()
    agent.destroy()
  }
  await waitFor('the core to be healthy again', () => isHealthy(product.apiUrl), { timeoutMs: 300_000 })
  expect(core?.exit()).toBeNull()
  say('the core had no handle left, and goes on')
}

/** Whether a connection made now is answered. */
async function letsIn(url: string): Promise<boolean> {
  const agent = new Agent({ keepAlive: false })
  try {
    await ask(`${url}/health`, agent)
    return true
  } catch {
    return false
  } finally {
    agent.destroy()
  }
}

function ask<Answer>(url: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { agent, signal: AbortSignal.timeout(CLIENT_TIMEOUT_MS) }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Answer))
    }).on('error', reject)
  })
}
