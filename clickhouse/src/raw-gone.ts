/**
 * Raw events that are gone on purpose: older than an organisation keeps them, or of a person who was erased. Rollups
 * outlive them, so whoever compares or rebuilds rollups from raw events leaves these days and people out on both sides.
 */
import type { ClickHouse, QueryParam } from './clickhouse.ts'

export interface RawGone {
  /** Organisations and the first UTC day, YYYY-MM-DD, of which all their raw events are kept. */
  readonly keptFrom: readonly { readonly orgId: string; readonly day: string }[]
  /** Erasures under way: rows of the person and of the id they are given are being moved. */
  readonly open: readonly OpenErasure[]
  /** Organisations whose rollups have rows of user '', which have no raw events any more. */
  readonly withNobody: readonly string[]
}

export interface OpenErasure {
  readonly orgId: string
  readonly salt: string
  /** Hex of SHA-256 over salt and user id, upper case. */
  readonly userHash: string
  readonly target: string
}

/** @throws ClickHouseError */
export async function readRawGone(ch: Pick<ClickHouse, 'query'>): Promise<RawGone> {
  const keptFrom = await ch.query<{ orgId: string; day: string }>({
    text: 'SELECT org_id AS orgId, toString(max(day)) AS day FROM ecomind.raw_kept_from GROUP BY org_id ORDER BY org_id',
  })
  const erasures = await ch.query<OpenErasure & { done: number }>({
    text: `SELECT org_id AS orgId, salt, user_hash AS userHash, target, max(closed) AS done FROM ecomind.erasures
      GROUP BY org_id, id, salt, user_hash, target ORDER BY org_id, id`,
  })
  const withNobody = new Set(erasures.filter((e) => e.target === '').map((e) => e.orgId))
  return { keptFrom, open: erasures.filter((e) => e.done === 0), withNobody: [...withNobody] }
}

export interface Condition {
  /** Goes on with ` AND ...`; empty when all rows are wanted. */
  readonly text: string
  readonly params: Readonly<Record<string, QueryParam>>
}

/**
 * Days of organisations whose raw events are all there.
 * @param columns expressions of the organisation and of the UTC day
 * @param fromDay nothing is asked about earlier days, so organisations that keep more cost nothing
 */
export function daysWithRaw(
  gone: RawGone,
  columns: { readonly orgId: string; readonly day: string },
  fromDay: string,
): Condition {
  const later = gone.keptFrom.filter(({ day }) => day > fromDay)
  if (later.length === 0) return { text: '', params: {} }
  const kept = "transform(toString(%), {gone_orgs:Array(String)}, {gone_days:Array(String)}, '1970-01-01')"
  return {
    text: ` AND ${columns.day} >= toDate(${kept.replace('%', columns.orgId)})`,
    params: { gone_orgs: later.map(({ orgId }) => orgId), gone_days: later.map(({ day }) => day) },
  }
}

/** People whose raw events are all there. @param alias of the rows, such as `e` */
export function usersWithRaw(gone: RawGone, alias: string): Condition {
  const params: Record<string, QueryParam> = {}
  const parts: string[] = []
  if (gone.withNobody.length > 0) {
    parts.push(`${alias}.user_id = '' AND ${alias}.org_id IN {gone_nobody:Array(String)}`)
    params['gone_nobody'] = gone.withNobody
  }
  for (const [i, { orgId, salt, userHash, target }] of gone.open.entries()) {
    const user = `hex(SHA256(concat({gone_salt_${i}:String}, ${alias}.user_id))) = {gone_hash_${i}:String}`
    parts.push(`${alias}.org_id = {gone_org_${i}:String} AND (${alias}.user_id = {gone_target_${i}:String} OR ${user})`)
    Object.assign(params, {
      [`gone_org_${i}`]: orgId,
      [`gone_salt_${i}`]: salt,
      [`gone_hash_${i}`]: userHash,
      [`gone_target_${i}`]: target,
    })
  }
  return { text: parts.map((part) => ` AND NOT (${part})`).join(''), params }
}
