/**
 * Narrows the rows of usage that a question reads to those that someone may see, and names people by pseudonyms where
 * they may not be named: rewrites each `ownRows` of a question, so that no question can forget it.
 */
import type { QueryParam } from '@ecomind/clickhouse'
import type { RowScope } from '../access/decide.ts'
import { ownUsageRows } from './question.ts'

export interface RowView {
  readonly rows: RowScope
  /** The organisation's key of pseudonyms; null: people are named. */
  readonly pseudonymKey: readonly [string, string] | null
  /** Fewest people that a breakdown by person may hold; 1: no bound. */
  readonly peopleMin: number
}

export interface NarrowedQuestion {
  readonly text: string
  readonly params: Readonly<Record<string, QueryParam>>
}

const ONLY_ROWS = [
  'team_id IN {view_teams:Array(String)}',
  'project_id IN {view_projects:Array(String)}',
  'user_id IN {view_people:Array(String)}',
].join(' OR ')
/** A keyed hash: without the key nobody finds the person, and one person has one pseudonym everywhere. */
const PSEUDONYM = "concat('p_', lower(hex(sipHash128Keyed(({view_key_0:UInt64}, {view_key_1:UInt64}), user_id))))"
/** Someone without a user id stays that. */
const SHOWN_USER = `if(user_id = '', '', ${PSEUDONYM}) AS user_id`

export function narrowRows(text: string, { rows, pseudonymKey }: RowView): NarrowedQuestion {
  if (rows.kind === 'all' && pseudonymKey === null) return { text, params: {} }
  const only = rows.kind === 'all' ? '' : ` AND (${ONLY_ROWS})`
  const narrowed = ownUsageRows(text, (source) => {
    if (pseudonymKey === null) return `${source.from} WHERE ${source.condition}${only}`
    const inner = `SELECT * REPLACE (${SHOWN_USER}) FROM ${source.from} WHERE ${source.condition}${only}`
    return `(${inner} SETTINGS asterisk_include_alias_columns = 1) WHERE ${source.condition}`
  })
  if (narrowed === text) return { text, params: {} }
  return { text: narrowed, params: { ...rowParams(rows), ...keyParams(pseudonymKey) } }
}

function rowParams(rows: RowScope): Record<string, QueryParam> {
  if (rows.kind === 'all') return {}
  return {
    view_teams: rows.teamIds,
    view_projects: rows.projectIds,
    view_people: rows.ownUserId === null ? [] : [rows.ownUserId],
  }
}

function keyParams(key: RowView['pseudonymKey']): Record<string, QueryParam> {
  return key === null ? {} : { view_key_0: key[0], view_key_1: key[1] }
}
