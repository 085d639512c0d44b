/**
 * A store with two organisations and one with the rows of the first alone. Every text of the second has a marker in it, and
 * its numbers have digits that no sum of the first has, so that whatever of it comes back in an answer is seen.
 */
import type { ClickHouse } from '../clickhouse.ts'
import { encodeQuarantineRows } from '../encode-quarantine-rows.ts'
import { publishFactorSet } from '../factor-tables.ts'
import { insertUsageRows } from '../insert-usage-rows.ts'
import type { QuarantineRow, UsageRow } from '../usage-row.ts'
import { sampleRows } from './sample-rows.ts'
import { migratedClickHouse, type TempClickHouse } from './temp-clickhouse.ts'

export const OWN = 'org_a'
/** Sorts right behind `org_a`: rows of both lie in the same granules and share dictionaries. */
export const OTHER = 'org_ab'
export const MARKER = 'rival7f3'

export interface OrganisationStore {
  readonly temp: TempClickHouse
  readonly ch: ClickHouse
}

const BASE = { aroundMs: Date.UTC(2026, 9, 1), spreadMs: 1e8 }

/** `shared` holds both, `alone` what OWN has of it. One at a time: a process can open one data directory. */
export async function openOrganisationStore(which: 'shared' | 'alone'): Promise<OrganisationStore> {
  const { temp, ch } = await migratedClickHouse()
  await fill(ch, OWN, sampleRows({ ...BASE, seed: 11, count: 120, firstOffset: 0 }).map(toOwn))
  if (which === 'shared') {
    await fill(ch, OTHER, sampleRows({ ...BASE, seed: 12, count: 977, firstOffset: 1000 }).map(toOther))
  }
  // One part with rows of both, as the loader makes them.
  const both = interleaved().filter((row) => which === 'shared' || row.org_id === OWN)
  await insertUsageRows(ch, both, 'both')
  for (const table of ['usage_events', 'usage_1m', 'usage_15m', 'usage_1h', 'usage_1d'])
    await ch.command({ text: `OPTIMIZE TABLE ecomind.${table} FINAL` })
  return { temp, ch }
}

function interleaved(): UsageRow[] {
  return sampleRows({ ...BASE, seed: 13, count: 200, firstOffset: 5000 }).map((row, i) =>
    i % 3 === 0 ? toOwn(row) : toOther(row),
  )
}

function toOwn(row: UsageRow): UsageRow {
  return { ...row, org_id: OWN, event_id: `own-${row.event_id}` }
}

function toOther(row: UsageRow): UsageRow {
  const marked = (text: string): string => `${MARKER}-${text}`
  return {
    ...row,
    org_id: OTHER,
    event_id: marked(row.event_id),
    user_id: marked(row.user_id),
    team_id: marked(row.team_id),
    project_id: marked(row.project_id),
    provider: marked(row.provider),
    model: marked(row.model),
    region: marked(row.region),
    service_tier: marked('tier'),
    tags: { [marked('key')]: marked('value') },
    factor_set: `2026.1+${OTHER}.3-0badcafe`,
    factor_id: `override/${MARKER}/1/x`,
    grid_id: marked(row.grid_id),
    tokens_in: 7_777_777,
  }
}

async function fill(ch: ClickHouse, orgId: string, rows: readonly UsageRow[]): Promise<void> {
  await insertUsageRows(ch, rows, orgId)
  const quarantined = encodeQuarantineRows([quarantineRow(orgId), quarantineRow('')])
  await ch.insertNative('quarantine', quarantined, `quarantine-${orgId}`)
  const name = orgId === OWN ? 'own' : MARKER
  for (const factorSet of ['2026.1', `2026.1+${orgId}.3-0badcafe`]) {
    const record = {
      id: factorSet === '2026.1' ? 'base' : name,
      record: { name },
      source: 's',
      year: 2026,
      licence: 'l',
    }
    const records = factorSet === '2026.1' ? [{ ...record, record: { name: 'base' } }] : [record]
    await publishFactorSet(ch, { factorSet, methodVersion: '1', factors: records, grids: records })
  }
}

function quarantineRow(orgId: string): QuarantineRow {
  const name = orgId === OWN ? 'own' : MARKER
  return {
    org_id: orgId,
    event_id: `${name}-event`,
    reason: 'id_conflict',
    detail: `${name} detail`,
    raw: Buffer.from(`${name} raw`).toString('base64'),
    schema_id: 1,
    arrived_at: BASE.aroundMs,
    log_generation: 7,
    log_partition: 0,
    log_offset: orgId === OWN ? 1 : 2,
    log_index: 0,
  }
}
