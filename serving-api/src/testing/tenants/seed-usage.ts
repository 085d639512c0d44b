/** Random usage, quarantine and ledger of one organisation; every text of it carries the mark of its owner. */
import {
  avroString,
  type ClickHouse,
  encodeLedgerRows,
  encodeQuarantineRows,
  insertUsageRows,
  type QuarantineRow,
  type UsageRow,
} from '@ecomind/clickhouse'
import { pick, type Random, randomRow } from '../random-usage.ts'
import { gradeUnder, running } from '../recomputation-world.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
export const FIRST_MS = Date.UTC(2026, 8, 29)
/** Half an hour before the end of the fourth day; the clock of the walk stands still. */
export const NOW_MS = FIRST_MS + 4 * DAY_MS - HOUR_MS / 2

export interface UsageSeed {
  readonly orgId: string
  readonly mark: string
  /** Apart from those of other organisations: positions in the log are unique. */
  readonly firstIndex: number
  readonly calls: number
}

export const usersOf = (mark: string): readonly string[] => [0, 1, 2, 3].map((n) => `user-${mark}-${n}`)
export const teamsOf = (mark: string): readonly string[] => [0, 1].map((n) => `team-${mark}-${n}`)
export const projectOf = (mark: string): string => `project-${mark}`
export const modelOf = (mark: string): string => `model-${mark}`
export const eventIdOf = (mark: string, n: number): string => `event-${mark}-${n}`
export const quarantineIdOf = (firstIndex: number): string => `1/3/${firstIndex}/0`

export function usageOf(random: Random, { orgId, mark, firstIndex, calls }: UsageSeed): readonly UsageRow[] {
  return Array.from({ length: calls }, (_, n) => {
    const late = random() < 0.2
    const tsMs = late ? NOW_MS - Math.floor(random() * HOUR_MS) : FIRST_MS + Math.floor(random() * 3.9 * DAY_MS)
    const row = randomRow(random, running, { tsMs, index: firstIndex + n, watermarkMs: NOW_MS - 2 * HOUR_MS })
    const named = {
      ...row,
      org_id: orgId,
      event_id: eventIdOf(mark, n),
      user_id: pick(random, usersOf(mark)),
      team_id: pick(random, teamsOf(mark)),
      project_id: projectOf(mark),
      source: `source-${mark}`,
      tags: { [`tag-${mark}`]: `value-${mark}` },
      ...(n % 5 === 0 ? { model: modelOf(mark) } : {}),
    }
    return { ...named, quality: gradeUnder(running, named) }
  })
}

/** Two of the organisation; with `unattributed` one that names nobody and that only the installation's owner may see. */
export function quarantineOf({ orgId, mark, firstIndex }: UsageSeed, unattributed: boolean): readonly QuarantineRow[] {
  const row = (org: string, n: number): QuarantineRow => ({
    org_id: org,
    event_id: `quarantined-${mark}-${n}`,
    reason: 'id_conflict',
    detail: `detail-${mark}`,
    raw: Buffer.concat([orgId, `raw-${mark}`].map(avroString)).toString('base64'),
    schema_id: 1,
    arrived_at: NOW_MS - DAY_MS - n,
    log_generation: 1,
    log_partition: 3,
    log_offset: firstIndex + n,
    log_index: 0,
  })
  return [row(orgId, 0), row(orgId, 1), ...(unattributed ? [row('', 2)] : [])]
}

export async function seedUsage(
  clickhouse: ClickHouse,
  random: Random,
  seed: UsageSeed,
  isFirst: boolean,
): Promise<void> {
  await insertUsageRows(clickhouse, usageOf(random, seed), `usage-${seed.mark}`)
  const set = quarantineOf(seed, isFirst)
  await clickhouse.insertNative('quarantine', encodeQuarantineRows(set), `quarantine-${seed.mark}`)
  const ledger = encodeLedgerRows([
    {
      org_id: seed.orgId,
      hour: (NOW_MS - DAY_MS - (NOW_MS % HOUR_MS)) / 1000,
      log_generation: 1,
      log_partition: 3,
      log_offset: seed.firstIndex,
      accepted: seed.calls + 2,
      stored: seed.calls,
      duplicate: 0,
      quarantined: 2,
    },
  ])
  await clickhouse.insertNative('ingest_ledger', ledger, `ledger-${seed.mark}`)
}
