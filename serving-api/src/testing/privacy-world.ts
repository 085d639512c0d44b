/** Three organisations with random usage, a recomputation over one of them, quarantine, and a control store beside it. */
import {
  avroString,
  type ClickHouse,
  encodeQuarantineRows,
  insertUsageRows,
  type QuarantineRow,
  ROLLUP_KEYS,
  ROLLUP_SUMS,
  ROLLUPS,
  type UsageRow,
} from '@ecomind/clickhouse'
import pino from 'pino'
import type { Database } from '../database/database.ts'
import { Erasures, type ErasuresDeps } from '../privacy/erasures.ts'
import { reconciliationQuestion } from '../questions/reconciliation.ts'
import { localScope } from './local-scope.ts'
import { seededRandom } from './random-usage.ts'
import { DAY_MS, FIRST_DAY_MS, ORG_ID, openRuns, startRequest, usageRows } from './recomputation-world.ts'

export const PERSON = "o'hara@example.org"
export const OTHERS = ['org_b', 'org_c'] as const
export const NOW_MS = FIRST_DAY_MS + 6 * DAY_MS
/** Long before the others, so that ids of these events need not be known any more. */
const LONG_AGO_MS = 90 * DAY_MS

/** Users of all organisations have the same names; some events are old, and PERSON is in every organisation. */
export function privacyRows(seed: number, count: number): UsageRow[] {
  const random = seededRandom(seed + 1)
  return usageRows(seed, count).map((row) => {
    const org = random() < 0.2 ? 'org_c' : row.org_id
    const shift = random() < 0.25 ? LONG_AGO_MS : 0
    const tags = row.user_id === PERSON && random() < 0.5 ? { who: PERSON } : row.tags
    return { ...row, org_id: org, ts: row.ts - shift, arrived_at: row.arrived_at - shift, tags }
  })
}

const quarantined = (orgId: string, offset: number, texts: readonly string[]): QuarantineRow => ({
  org_id: orgId,
  event_id: `quarantined-${offset}`,
  reason: 'id_conflict',
  detail: `first ${texts.join()}`,
  raw: Buffer.concat(texts.map(avroString)).toString('base64'),
  schema_id: 1,
  arrived_at: NOW_MS - DAY_MS,
  log_generation: 1,
  log_partition: 3,
  log_offset: offset,
  log_index: 0,
})

export const QUARANTINE: readonly QuarantineRow[] = [
  quarantined(ORG_ID, 1, [ORG_ID, 'e-1', PERSON]),
  // Somebody else, whose id is the beginning of that one.
  quarantined(ORG_ID, 2, [ORG_ID, 'e-2', PERSON.slice(0, -1)]),
  quarantined('', 3, [ORG_ID, 'e-3', PERSON]),
  quarantined('', 4, ['org_b', 'e-4', PERSON]),
  quarantined('org_b', 5, ['org_b', 'e-5', PERSON]),
]

/** Can be called again on the same folder: what is there is not inserted twice. */
export async function fillPrivacyWorld(ch: ClickHouse, seed: number, count: number): Promise<void> {
  await insertUsageRows(ch, privacyRows(seed, count), `privacy-${seed}`)
  await ch.insertNative('quarantine', encodeQuarantineRows(QUARANTINE), 'privacy-quarantine')
  const { runs } = await openRuns(ch)
  await runs.start(startRequest())
  await runs.idle()
}

export async function openErasures(
  clickhouse: ClickHouse,
  database: Database,
  deps: Partial<ErasuresDeps> = {},
): Promise<Erasures> {
  return await Erasures.open({
    clickhouse,
    database,
    whileLoadingPaused: (work) => work(),
    faultPoint: () => undefined,
    nowMs: () => NOW_MS,
    idsKeptDays: 38,
    logEnds: async () => ({ generation: 1, offsets: { '0': 0 } }),
    isLoadedTo: async () => true,
    runningSetId: async () => 'set',
    version: 'test',
    logKeptDays: 7,
    logger: pino({ level: 'silent' }),
    retryFirstMs: 1,
    ...deps,
  })
}

export const erasureOf = (mode: 'pseudonymise' | 'delete', userId = PERSON, orgId = ORG_ID) => ({
  orgId,
  userId,
  mode,
  doer: { actor: 'user/u1', role: 'admin', from: null, requestId: 'r1', at: new Date(NOW_MS) },
})

/** Sums of raw events and rollups of one organisation by everything but the person; one line a group. */
export async function sumsWithoutPeople(ch: ClickHouse, orgId: string): Promise<readonly string[]> {
  const keys = ['window_start', 'generation', ...ROLLUP_KEYS.filter((key) => key !== 'user_id')].join(', ')
  const lines: string[] = []
  for (const rollup of ROLLUPS) {
    const rows = await ch.query<{ line: string }>({
      text: `SELECT concat('${rollup} ', toString(tuple(${keys}, ${ROLLUP_SUMS.map(([s]) => `sum(r.${s})`).join(', ')}, max(r.watermark_at)))) AS line
        FROM ecomind.${rollup} AS r WHERE r.org_id = {org_id:String} GROUP BY ${keys} ORDER BY line`,
      params: { org_id: orgId },
    })
    lines.push(...rows.map(({ line }) => line))
  }
  return lines
}

/** Every row and column of one organisation in every table, but for one user. */
export async function rowsOf(ch: ClickHouse, orgId: string, butUser = ''): Promise<readonly string[]> {
  const lines: string[] = []
  for (const table of ['usage_events', ...ROLLUPS, 'quarantine', 'ingest_ledger']) {
    const user = table.startsWith('usage') && butUser !== '' ? ' AND user_id != {user_id:String}' : ''
    const rows = await ch.query<{ line: string }>({
      text: `SELECT concat('${table} ', toString(tuple(*))) AS line
        FROM ecomind.${table} ${ROLLUPS.some((r) => r === table) ? 'FINAL' : ''} WHERE org_id = {org_id:String}${user} ORDER BY line`,
      params: { org_id: orgId, ...(user === '' ? {} : { user_id: butUser }) },
    })
    lines.push(...rows.map(({ line }) => line))
  }
  return lines
}

/** `table.column` of every place in the database, texts of mutations included, that holds this text in one organisation. */
export async function placesOf(ch: ClickHouse, text: string, orgIds: readonly string[]): Promise<readonly string[]> {
  const columns = await ch.query<{ table: string; name: string; scoped: number }>({
    text: `SELECT table, name, table IN (SELECT table FROM system.columns WHERE database = 'ecomind' AND name = 'org_id') AS scoped
      FROM system.columns WHERE database = 'ecomind' AND match(type, 'String') AND default_kind != 'ALIAS'
      AND table NOT LIKE '%\\\\_view' AND table != 'usage_minutes'`,
  })
  const found: string[] = []
  for (const { table, name, scoped } of columns) {
    const own = scoped === 1 ? ' AND org_id IN {orgs:Array(String)}' : ''
    const plain = `position(toString(${name}), {text:String})`
    const holds = name === 'raw' ? `position(base64Decode(raw), {text:String})` : plain
    const [row] = await ch.query<{ n: string }>({
      text: `SELECT toString(count()) AS n FROM ecomind.${table} WHERE ${holds} > 0${own}`,
      params: { text, ...(own === '' ? {} : { orgs: orgIds }) },
    })
    if (row?.n !== '0') found.push(`${table}.${name}`)
  }
  const mutations = await ch.query<{ table: string }>({
    text: `SELECT table FROM system.mutations WHERE position(command, {text:String}) > 0`,
    params: { text },
  })
  return [...found, ...mutations.map(({ table }) => `mutation of ${table}`)]
}

/** Stored events by hour of arrival, as the reconciliation counts them. */
export async function storedByHour(clickhouse: ClickHouse): Promise<readonly string[]> {
  const scope = await localScope({ clickhouse })
  const from = Math.floor(Date.UTC(2026, 0, 1) / 3_600_000) * 3_600_000
  const counted = await scope.ask(reconciliationQuestion(from, Date.UTC(2027, 0, 1), 100_000))
  return counted.filter(({ stored }) => stored !== 0).map(({ hourMs, stored }) => `${hourMs} ${stored}`)
}
