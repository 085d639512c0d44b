import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouse, compareRollups, insertUsageRows, ROLLUPS } from '@ecomind/clickhouse'
import {
  activityOfCall,
  applyOverrides,
  compileCoefficients,
  computeFootprint,
  type FactorSet,
  resolveCall,
  toUnits,
} from '@ecomind/footprint'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { seededRandom } from '../testing/random-usage.ts'
import {
  FIRST_DAY_MS,
  gradeUnder,
  insertUsage,
  later,
  namesOf,
  ORG_ID,
  openRuns,
  openWorldDatabase,
  rollupRows,
  running,
  startRequest,
  usageRows,
} from '../testing/recomputation-world.ts'
import { RECOMPUTATION_POINTS } from './post-chunk.ts'

const EVENTS = 3000
const SEED = 41

let dir: string
let ch: ClickHouse
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-recomputation-'))
  ch = await openWorldDatabase(dir)
  await insertUsage(ch, SEED, EVENTS)
})
afterEach(async () => {
  await ch.close()
  await rm(dir, { recursive: true, force: true })
})

/** What the loader would have stored with the set. */
function loadedUnder(set: FactorSet) {
  return usageRows(SEED, EVENTS).map((row) => {
    if (row.org_id !== ORG_ID) return row
    const { factor, grid } = resolveCall(set, namesOf(row))
    const units = toUnits(computeFootprint(compileCoefficients(factor.factor, grid.grid), activityOfCall(row)))
    return {
      ...row,
      region: grid.region,
      factor_set: set.id,
      factor_id: factor.factor.id,
      grid_id: grid.grid.id,
      quality: gradeUnder(set, row),
      kwh: units.kwh,
      kwh_low: units.kwhLow,
      kwh_high: units.kwhHigh,
      water_l: units.waterL,
      water_l_low: units.waterLLow,
      water_l_high: units.waterLHigh,
      water_l_onsite: units.waterLOnsite,
      co2_kg: units.co2Kg,
      co2_kg_low: units.co2KgLow,
      co2_kg_high: units.co2KgHigh,
      co2_kg_use: units.co2KgUse,
    }
  })
}

describe('a recomputation', { timeout: 900_000 }, () => {
  test('leaves the rollups as if every event had been loaded with the new set, in every window and to the last digit', async () => {
    const before = await rollupRows(ch, 'generation = 0')
    const { runs, audited } = await openRuns(ch)
    const run = await runs.start(startRequest())
    await runs.idle()
    expect(runs.get(ORG_ID, run.id)).toMatchObject({ state: 'done', generation: 1, error: null })
    expect(runs.get(ORG_ID, run.id).chunks).toHaveLength(2)
    const after = await rollupRows(ch, '1 = 1', false)
    expect(await rollupRows(ch, 'generation = 0')).toEqual(before)
    expect(await compareRollups(ch)).toEqual([])
    expect(audited.map((a) => a.step)).toEqual(['started', 'done'])

    for (const table of ['usage_events', ...ROLLUPS]) await ch.command({ text: `TRUNCATE TABLE ecomind.${table}` })
    await insertUsageRows(ch, loadedUnder(later), 'oracle')
    expect(after).toEqual(await rollupRows(ch, '1 = 1', false))
  })

  test('computes with an override from its first instant to its last, inside the days of a chunk', async () => {
    const usage = usageRows(SEED, EVENTS).filter((r) => r.org_id === ORG_ID && r.model === 'gpt-4o')
    const times = usage.map((r) => r.ts).sort((a, b) => a - b)
    const [fromMs, toMs] = [times[Math.floor(times.length / 3)] ?? 0, times[Math.floor(times.length / 2)] ?? 0]
    const set = applyOverrides(later, ORG_ID, 1, [
      {
        id: 'ov1',
        version: 1,
        provider: 'openai',
        model: 'gpt-4o',
        energy: { form: 'call', boundary: 'it', kwh_per_call: { low: 0.001, central: 0.002, high: 0.004 } },
        valid_from_ms: fromMs,
        valid_to_ms: toMs,
        tier: 'B',
        evidence: { text: 'Measured in our own rack', url: 'https://example.org/report', year: 2026 },
      },
    ])
    const { runs } = await openRuns(ch, { loadFactorSet: async (id) => (id === set.id ? set : null) })
    await runs.start(startRequest({ factorSet: set.id }))
    await runs.idle()
    const after = await rollupRows(ch, '1 = 1', false)
    const overridden = await ch.query<{ calls: string }>({
      text: `SELECT toString(sum(calls)) AS calls FROM ecomind.usage_1h WHERE startsWith(factor_id, 'override/ov1/1/')`,
    })
    expect(overridden).toEqual([{ calls: String(times.filter((ms) => ms >= fromMs && ms < toMs).length) }])

    for (const table of ['usage_events', ...ROLLUPS]) await ch.command({ text: `TRUNCATE TABLE ecomind.${table}` })
    await insertUsageRows(ch, loadedUnder(set), 'oracle')
    expect(after).toEqual(await rollupRows(ch, '1 = 1', false))
  })

  test('counts events that come later by themselves, and a second run takes them up', async () => {
    const { runs } = await openRuns(ch)
    await runs.start(startRequest())
    await runs.idle()
    await insertUsage(ch, SEED + 1, 500)
    const [row] = await ch.query<{ calls: string; sets: string[] }>({
      text: `SELECT toString(sum(calls)) AS calls, groupUniqArrayIf(factor_set, generation = 0) AS sets
        FROM ecomind.usage_1h WHERE org_id = '${ORG_ID}'`,
    })
    const own = [...usageRows(SEED, EVENTS), ...usageRows(SEED + 1, 500)].filter((r) => r.org_id === ORG_ID).length
    expect(row).toEqual({ calls: String(own), sets: [running.id] })

    await runs.start(startRequest({ factorSet: running.id }))
    await runs.idle()
    const zero = await rollupRows(ch, `generation = 0 AND org_id = '${ORG_ID}'`, false)
    expect(await rollupRows(ch, `org_id = '${ORG_ID}'`, false)).toEqual(zero)
  })

  test('the same request again is the same run; another one waits its turn', async () => {
    const { runs } = await openRuns(ch)
    const [first, again] = await Promise.all([runs.start(startRequest()), runs.start(startRequest())])
    expect(again.id).toBe(first.id)
    await expect(runs.start(startRequest({ factorSet: running.id }))).rejects.toThrow('is running')
    await runs.idle()
    expect((await runs.start(startRequest())).id).toBe(first.id)
    expect(runs.list(ORG_ID)).toHaveLength(1)
  })

  test('waits while the loader has no time; stopped meanwhile, it goes on at the next start', async () => {
    let asked = 0
    const passed: string[] = []
    const { runs } = await openRuns(ch, {
      isQuiet: () => {
        asked += 1
        return false
      },
      faultPoint: (name) => void passed.push(name),
    })
    await runs.start(startRequest())
    await expect.poll(() => asked).toBeGreaterThan(0)
    await runs.stop()
    expect(passed).toEqual([])
    expect(runs.list(ORG_ID)).toMatchObject([{ state: 'running', chunksDone: 0 }])
    const { runs: later } = await openRuns(ch)
    await later.idle()
    expect(later.list(ORG_ID)).toMatchObject([{ state: 'done' }])
  })

  test('is taken back without a trace, newest first, and its number is not used again', async () => {
    const before = await rollupRows(ch, '1 = 1')
    const { runs, audited } = await openRuns(ch)
    const first = await runs.start(startRequest())
    await runs.idle()
    const second = await runs.start(startRequest({ factorSet: running.id }))
    await runs.idle()
    await expect(runs.takeBack(ORG_ID, first.id)).rejects.toThrow(second.id)
    for (const run of [second, first]) {
      await runs.takeBack(ORG_ID, run.id)
      await runs.idle()
    }
    expect(await rollupRows(ch, '1 = 1')).toEqual(before)
    expect(audited.map((a) => a.step)).toEqual(['started', 'done', 'started', 'done', 'taken_back', 'taken_back'])
    const third = await runs.start(startRequest())
    await runs.idle()
    expect(third.generation).toBe(3)
  })

  test('says which generations may be seen', async () => {
    const { runs } = await openRuns(ch)
    expect(runs.generationMax(ORG_ID, undefined)).toBeNull()
    const run = await runs.start(startRequest())
    expect(runs.generationMax(ORG_ID, undefined)).toBe(0)
    expect(() => runs.generationMax(ORG_ID, 1)).toThrow('generation 1')
    await runs.idle()
    expect(runs.generationMax(ORG_ID, undefined)).toBeNull()
    expect(runs.generationMax(ORG_ID, 0)).toBe(0)
    await runs.retireEarlier(ORG_ID, run.id)
    expect(() => runs.generationMax(ORG_ID, 0)).toThrow('generation 0')
    await expect(runs.takeBack(ORG_ID, run.id)).rejects.toThrow('retired')
  })

  test('fails, and posts nothing of those days, when rollups and raw events hold different calls', async () => {
    await ch.command({
      text: `ALTER TABLE ecomind.usage_events DELETE WHERE toDate(ts) = '2026-09-30' SETTINGS mutations_sync = 2`,
    })
    const { runs } = await openRuns(ch)
    const run = await runs.start(
      startRequest({ period: { fromMs: FIRST_DAY_MS, toMs: FIRST_DAY_MS + 2 * 86_400_000 } }),
    )
    await runs.idle()
    expect(runs.get(ORG_ID, run.id)).toMatchObject({ state: 'failed', chunksDone: 0 })
    expect(runs.get(ORG_ID, run.id).error).toContain('2026-09-29')
    expect(await rollupRows(ch, 'generation != 0')).toEqual([])
    expect(runs.generationMax(ORG_ID, undefined)).toBe(0)
  })

  test(`goes on after it was interrupted at random steps, and gives the same rows (seed ${SEED})`, async () => {
    const { runs: undisturbed } = await openRuns(ch)
    const run = await undisturbed.start(startRequest())
    await undisturbed.idle()
    const wanted = await rollupRows(ch, 'generation != 0', false)
    await undisturbed.takeBack(ORG_ID, run.id)
    await undisturbed.idle()

    const random = seededRandom(SEED)
    const interruptedAt = new Set<string>()
    const { runs } = await openRuns(ch, {
      retryFirstMs: 1,
      faultPoint: (name) => {
        if (interruptedAt.has(name) && random() > 0.3) return
        interruptedAt.add(name)
        throw new Error(`interrupted at ${name}`)
      },
    })
    await runs.start(startRequest())
    await runs.idle()
    expect([...interruptedAt].sort()).toEqual([...RECOMPUTATION_POINTS].sort())
    expect(await rollupRows(ch, 'generation != 0', false)).toEqual(wanted)
  })
})
