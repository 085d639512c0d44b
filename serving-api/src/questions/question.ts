/**
 * A question to the database: its text, its bound values, and how the rows become an answer. A question cannot name a
 * table of an organisation's data without the condition on the organisation; `OrgScope` alone can run it and alone
 * binds whose rows these are.
 */
import type { QueryLimits, QueryParam } from '@ecomind/clickhouse'

/** Tables that hold rows of organisations. */
export const ORG_TABLES = [
  'usage_events',
  'usage_1m',
  'usage_15m',
  'usage_1h',
  'usage_1d',
  'quarantine',
  'quarantine_replays',
  'ingest_ledger',
  'raw_removals',
  'erased_events',
] as const
export type OrgTable = (typeof ORG_TABLES)[number]

/**
 * Rows that could not be decoded name no organisation; these tables show them to the scopes that may see them.
 * The others keep the plain equality, which lets the engine read in the order of the table.
 */
const UNATTRIBUTED_TABLES: ReadonlySet<OrgTable> = new Set(['quarantine', 'quarantine_replays', 'ingest_ledger'])
const ONE_ORG = 'org_id = {org_id:String}'
const OWN_AND_UNATTRIBUTED = 'org_id IN {org_ids:Array(String)}'

export interface Question<Row, Answer> {
  readonly name: string
  readonly text: string
  readonly params: Readonly<Record<string, QueryParam>>
  readonly limits: QueryLimits
  /**
   * What it says of single people: `none`; `listed`: its rows are broken down by `user_id`; `singled-out`: it speaks of
   * chosen people, or of events, each of which is one person's; `chosen`: its people were chosen by a question that was
   * `listed` and answered.
   */
  readonly people: 'none' | 'listed' | 'singled-out' | 'chosen'
  /** Of a `listed` question: how many people it is broken down by. Default: those in its rows. */
  readonly countPeople?: (rows: readonly Row[]) => number
  readonly read: (rows: readonly Row[]) => Answer
}

/** Rollups are journals: rows of a recomputation that is not done, or later than what was asked for, are left out. */
const ROLLUP_TABLES: ReadonlySet<OrgTable> = new Set(['usage_1m', 'usage_15m', 'usage_1h', 'usage_1d'])
export const SEEN_GENERATIONS = 'generation <= {generation_max:UInt32}'

/** `ecomind.usage_1h WHERE org_id = {...}`: the only way to name a table; further conditions go on with `AND`. */
export function ownRows(table: OrgTable): string {
  return `${ofOrg(table)}${ROLLUP_TABLES.has(table) ? ` AND ${SEEN_GENERATIONS}` : ''}`
}

function ofOrg(table: OrgTable): string {
  return `ecomind.${table} WHERE ${UNATTRIBUTED_TABLES.has(table) ? OWN_AND_UNATTRIBUTED : ONE_ORG}`
}

/** Each source of usage rows in the text of a question, written anew; its other tables stay. */
export function ownUsageRows(
  text: string,
  rewrite: (source: { readonly from: string; readonly condition: string }) => string,
): string {
  return text.replace(USAGE_SOURCE, (_whole, from: string) => rewrite({ from, condition: ONE_ORG }))
}

/** True for a question that reads tables whose rows belong to the organisation as a whole. */
export function readsUnattributed(text: string): boolean {
  return text.includes(OWN_AND_UNATTRIBUTED)
}

const USAGE_SOURCE = /\b(ecomind\.usage_\w+) WHERE org_id = \{org_id:String\}/g

/** What stands behind FROM or JOIN: one word, and the condition of `ownRows` where it follows. */
const SOURCE = /\b(?:FROM|JOIN)\s+(\S+(?:\s+WHERE\s+org_id (?:= \{org_id:String\}|IN \{org_ids:Array\(String\)\}))?)/gi
const OWN_ROWS: ReadonlySet<string> = new Set(ORG_TABLES.map(ofOrg))

/**
 * @throws TypeError when a table is named otherwise than by `ownRows`, when an OR could widen the condition, or when
 *   the question binds the organisation itself: a bug, found by the first test that builds the question
 */
export function question<Row, Answer>(
  q: Omit<Question<Row, Answer>, 'limits' | 'people'> & Partial<Pick<Question<Row, Answer>, 'limits' | 'people'>>,
): Question<Row, Answer> {
  const sources = [...q.text.matchAll(SOURCE)].map((m) => m[1] ?? '')
  const open = sources.filter((s) => !s.startsWith('(') && !OWN_ROWS.has(s))
  if (sources.length === 0 || open.length > 0) {
    throw new TypeError(`build question ${q.name}: ${open.join(', ') || 'no source'}, ownRows(table) wanted`)
  }
  if (/\bOR\b/i.test(q.text)) throw new TypeError(`build question ${q.name}: holds an OR outside of IN`)
  if ('org_id' in q.params || 'org_ids' in q.params) {
    throw new TypeError(`build question ${q.name}: binds the organisation itself`)
  }
  return { limits: {}, people: 'none', ...q }
}
