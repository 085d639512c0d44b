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
  readonly mark: string
  readonly userId: string
  readonly target: string
}

/** @throws ClickHouseError */
export async function readRawGone(ch: Pick<ClickHouse, 'query'>): Promise<RawGone> {
  const keptFrom = await ch.query<{ orgId: string; day: string }>({
    text: 'SELECT org_id AS orgId, toString(max(day)) AS day FROM ecomind.raw_kept_from GROUP BY org_id ORDER BY org_id',
  })
  const open = await ch.query<OpenErasure>({
    text: `SELECT DISTINCT org_id AS orgId, mark, user_id AS userId, target FROM ecomind.erasures
      WHERE closed = 0 AND mark NOT IN (SELECT mark FROM ecomind.erasures WHERE closed = 1) ORDER BY org_id, mark`,
  })
  const nobody = await ch.query<{ orgId: string }>({
    text: `SELECT DISTINCT org_id AS orgId FROM ecomind.erasures WHERE target = '' ORDER BY org_id`,
  })
  return { keptFrom, open, withNobody: nobody.map(({ orgId }) => orgId) }
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
  for (const [i, { orgId, userId, target }] of gone.open.entries()) {
    parts.push(`${alias}.org_id = {gone_org_${i}:String} AND ${alias}.user_id IN {gone_users_${i}:Array(String)}`)
    params[`gone_org_${i}`] = orgId
    params[`gone_users_${i}`] = [userId, target]
  }
  return { text: parts.map((part) => ` AND NOT (${part})`).join(''), params }
}
