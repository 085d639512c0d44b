/**
 * The power is cut under the whole product: everything that was not flushed is gone. What was answered before must be
 * there when the machine is up again, and counted once.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, open, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { LOCAL_ORG_ID, type OverrideItem, overrideItem } from '@ecomind/schemas'
import { describe, expect, it } from 'vitest'
import { getJson } from './harness/api-client.ts'
import { someTraffic } from './harness/chaos.ts'
import { flushSome, openPowerSupply, type PowerSupply } from './harness/power-supply.ts'
import type { Product } from './harness/product.ts'
import { expectExactlyOnce, figures, type Scenario, say, startBoth, withProduct } from './harness/scenario.ts'
import { mayMount } from './harness/small-disk.ts'
import { startTraffic, type Traffic } from './harness/traffic.ts'
import { waitFor } from './harness/wait-for.ts'

const TIMEOUT_MS = 1_200_000
const DISK_MEGABYTES = 1_024
/** Everything stands still at once; or the disk goes first and the processes see it fail. */
const CUTS = ['of the machine', 'of the disk first', 'of the machine'] as const
const FLUSHED_FILES = 12
/** Clients go on while the machine comes up again, which is most of the time. */
const PAUSE_MS_MAX = 150
/** After a cut the rollups of many days are compared. */
const SETTLED_WITHIN_MS = 600_000

type Stage = Scenario & { readonly power: PowerSupply; readonly traffic: Traffic }

describe('a power cut', () => {
  it.skipIf(!mayMount())(
    'at any moment under traffic loses nothing that was answered, and doubles nothing',
    { timeout: TIMEOUT_MS },
    async () => {
      const power = await openPowerSupply(await mkdtemp(join(tmpdir(), 'ecomind-power-')), DISK_MEGABYTES)
      try {
        await withProduct('power-cut', (scenario) => cutAgainAndAgain(scenario, power), { dataDir: power.dir })
      } finally {
        await power.dispose()
      }
    },
  )
})

async function cutAgainAndAgain(scenario: Scenario, power: PowerSupply): Promise<void> {
  const { product } = scenario
  await startBoth(product)
  const { edgeUrl } = product
  const random = scenario.random.fork('traffic')
  // Each month is a part of its own in every table, each part is flushed, and each day is compared: few are as hard and quicker.
  const traffic = startTraffic({
    edgeUrl,
    ledger: scenario.ledger,
    random,
    clients: 3,
    nowMs: Date.now(),
    daysBack: 3,
    pauseMsMax: PAUSE_MS_MAX,
  })
  const stage = { ...scenario, power, traffic }
  const overrides: OverrideItem[] = []
  for (const kind of CUTS) {
    await someTraffic(stage)
    overrides.push(await stateOverride(product, `measured-at-home-${overrides.length}`))
    await cutOnce(stage, kind)
    await startBoth(product)
    for (const { id, model } of overrides)
      expect(await getJson(product.apiUrl, `/v1/factors/${id}`, overrideItem, { org_id: LOCAL_ORG_ID })).toMatchObject({
        id,
        model,
      })
  }
  await someTraffic(stage)
  await stage.traffic.finish()
  const verdict = await expectExactlyOnce(scenario, SETTLED_WITHIN_MS)
  say(`${CUTS.length} cuts; ${figures(scenario, verdict)}`)
}

/** Ends with the disk mounted anew and no process running. */
async function cutOnce(stage: Stage, kind: (typeof CUTS)[number]): Promise<void> {
  const { product, power, random, ledger } = stage
  await flushSome(power.dir, random, FLUSHED_FILES)
  const control = await writeControl(power.dir)
  const parts = [product.running('edge'), product.running('core')].filter((part) => part !== null)
  expect(parts).toHaveLength(2)
  if (kind === 'of the machine') for (const part of parts) part.signal('SIGSTOP')
  await power.cut()
  const answered = ledger.acknowledgedCopies()
  if (kind === 'of the disk first') await noticed(stage)
  await Promise.all(parts.map((part) => part.kill()))
  await power.restore()
  await control.expectOnlyFlushed()
  say(`power cut ${kind} after ${answered} acknowledged copies`)
}

/** The edge refuses, or has died of it. */
async function noticed({ product, traffic }: Stage): Promise<void> {
  const before = traffic.retries()['503'] ?? 0
  await waitFor(
    'the edge to notice that the disk is gone',
    () => (traffic.retries()['503'] ?? 0) > before || product.running('edge') === null,
    { abortWhen: traffic.failure },
  )
}

/** Proves of each cut that it was one: of two files that were whole before, only the flushed one is so behind it. */
async function writeControl(dir: string) {
  const flushed = join(dir, `flushed-${randomUUID()}`)
  const forgotten = `${flushed}-not`
  const bytes = randomBytes(64 * 1024)
  await writeFile(flushed, bytes, { flush: true })
  const folder = await open(dirname(flushed), 'r')
  await folder.sync()
  await folder.close()
  await writeFile(forgotten, bytes)
  expect((await readFile(forgotten)).equals(bytes)).toBe(true)
  return {
    expectOnlyFlushed: async () => {
      expect((await readFile(flushed)).equals(bytes)).toBe(true)
      const left = await readFile(forgotten).catch(() => Buffer.alloc(0))
      expect(left.equals(bytes)).toBe(false)
    },
  }
}

async function stateOverride(product: Product, model: string): Promise<OverrideItem> {
  const answer = await fetch(`${product.apiUrl}/v1/factors?org_id=${LOCAL_ORG_ID}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      provider: 'acme',
      model,
      energy: { form: 'call', boundary: 'facility', kwh_per_call: { low: 0.1, central: 0.2, high: 0.3 } },
      valid_from: '2026-01-01T00:00:00Z',
      tier: 'B',
      evidence: { text: 'Meter of our rack' },
    }),
  })
  expect(answer.status).toBe(201)
  return overrideItem.parse(await answer.json())
}
