/** A database that refuses is back-pressure: the edge goes on, nothing is dropped, and it goes on by itself afterwards. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { someTraffic } from './harness/chaos.ts'
import { runOnStoppedDatabase } from './harness/database-shell.ts'
import { isHealthy } from './harness/product.ts'
import {
  expectExactlyOnce,
  figures,
  type Scenario,
  say,
  startBoth,
  startClients,
  withProduct,
} from './harness/scenario.ts'
import { mayMount, mountSmallDisk } from './harness/small-disk.ts'
import { waitFor } from './harness/wait-for.ts'

const run = promisify(execFile)
const TIMEOUT_MS = 1_200_000
/** store/abc/<uuid of the table>: what is deeper comes and goes. */
const FIND_TABLES = 'find "$1/store" -mindepth 2 -maxdepth 2 -type d -exec chattr "$2" {} +'

/** Clients send while `refusing` holds; the edge must take it all, and the core must have said that it is refused. */
async function sendWhileRefused(
  scenario: Scenario,
  during: (traffic: ReturnType<typeof startClients>) => Promise<void>,
) {
  const traffic = startClients(scenario)
  await someTraffic({ ...scenario, traffic })
  await during(traffic)
  await traffic.finish()
}

/** The core counts its refused inserts; the health says that the loader is behind. */
async function waitUntilRefused({ product }: Scenario): Promise<void> {
  await waitFor(
    'the core to say that the database refuses',
    async () => {
      const health = (await (await fetch(`${product.apiUrl}/health`)).json()) as { status?: string }
      return health.status !== undefined && health.status !== 'ok'
    },
    { abortWhen: () => (product.running('core') === null ? new Error('the core has died') : null) },
  )
}

describe('a database that refuses inserts', () => {
  it('because of too many parts: nothing is lost, and lifting the limit lets it catch up', {
    timeout: TIMEOUT_MS,
  }, async () => {
    await withProduct('too-many-parts', async (scenario) => {
      const { product } = scenario
      await startBoth(product)
      await sendWhileRefused(scenario, async () => {})
      await expectExactlyOnce(scenario)
      await product.stop('core')
      await runOnStoppedDatabase(product.dataDir, [
        'ALTER TABLE ecomind.usage_events MODIFY SETTING parts_to_delay_insert = 1, parts_to_throw_insert = 1',
      ])
      const core = await product.launch('core')
      await sendWhileRefused({ ...scenario, random: scenario.random.fork('again') }, async (traffic) => {
        await waitUntilRefused(scenario)
        await someTraffic({ ...scenario, traffic })
        expect(await isHealthy(product.edgeUrl)).toBe(true)
      })
      expect(core.exit()).toBeNull()
      await product.stop('core')
      await runOnStoppedDatabase(product.dataDir, [
        'ALTER TABLE ecomind.usage_events RESET SETTING parts_to_delay_insert, parts_to_throw_insert',
      ])
      await product.start('core')
      const verdict = await expectExactlyOnce(scenario)
      say(figures(scenario, verdict))
    })
  })

  it.skipIf(!mayMount())(
    'because the disk is full: nothing is lost, and room lets it go on without a restart',
    { timeout: TIMEOUT_MS },
    async () => {
      await withProduct('disk-full', async (scenario) => {
        const { product } = scenario
        const disk = await mountSmallDisk(join(product.dataDir, 'clickhouse'), 256)
        try {
          await startBoth(product)
          const core = product.running('core')
          await sendWhileRefused(scenario, async (traffic) => {
            await disk.fill(16_384)
            await waitUntilRefused(scenario)
            await someTraffic({ ...scenario, traffic })
            expect(await isHealthy(product.edgeUrl)).toBe(true)
            await disk.free()
          })
          const verdict = await expectExactlyOnce(scenario)
          expect(core?.exit()).toBeNull()
          say(figures(scenario, verdict))
        } finally {
          await disk.unmount()
        }
      })
    },
  )

  it.skipIf(!mayMount())(
    'because the right to write was taken away: nothing is lost, and it goes on without a restart',
    { timeout: TIMEOUT_MS },
    async () => {
      await withProduct('no-right-to-write', async (scenario) => {
        const { product } = scenario
        const directory = join(product.dataDir, 'clickhouse')
        const lock = (flag: '+i' | '-i') => run('sh', ['-c', FIND_TABLES, 'sh', directory, flag])
        await startBoth(product)
        const core = product.running('core')
        try {
          await sendWhileRefused(scenario, async (traffic) => {
            await lock('+i')
            await waitUntilRefused(scenario)
            await someTraffic({ ...scenario, traffic })
            expect(await isHealthy(product.edgeUrl)).toBe(true)
            await lock('-i')
          })
        } finally {
          await lock('-i')
        }
        const verdict = await expectExactlyOnce(scenario)
        expect(core?.exit()).toBeNull()
        say(figures(scenario, verdict))
      })
    },
  )
})

describe('a log that is full', () => {
  it('makes the edge answer 503 until the core has read it, and nothing is lost', { timeout: TIMEOUT_MS }, async () => {
    await withProduct(
      'log-full',
      async (scenario) => {
        const { product } = scenario
        await product.start('edge')
        const traffic = startClients(scenario, 4)
        await waitFor('a client to be refused with 503', () => (traffic.retries()['503'] ?? 0) > 3, {
          timeoutMs: 600_000,
          abortWhen: traffic.failure,
        })
        await product.start('core')
        await traffic.finish()
        const verdict = await expectExactlyOnce(scenario)
        say(`${traffic.retries()['503']} answers of 503; ${figures(scenario, verdict)}`)
      },
      { env: { ECOMIND_LOG_MAX_BYTES: '1048576' } },
    )
  })
})
