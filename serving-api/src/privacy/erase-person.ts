/**
 * Moves one person's rows out of reach, step by step; every step can be repeated, and a kill between two of them leaves
 * sums right and the erasure open. Rollups are moved month by month between the commits of the loader, the raw events
 * beside it. Then once more, all in one pause: what was loaded meanwhile, the questions that must answer 0, and the
 * certificate. So no row of the person is left, and no row was given away twice, whatever came in at the time.
 *
 * A deletion needs rollups that agree with the raw events before these go: nobody could tell afterwards.
 */
import {
  type ClickHouse,
  countPerson,
  emptyQuarantine,
  findInQuarantine,
  type Move,
  miscountedDays,
  monthsOfPerson,
  moveInRollup,
  moveRaw,
  openErasure,
  type Person,
  ROLLUPS,
  rebuildRollups,
  removeRaw,
  type WhileLoadingPaused,
} from '@ecomind/clickhouse'
import type { Erasure, OrganisationTotals, RowCounts } from './erasure.ts'

/** Where a test may kill the process. */
export const ERASURE_POINTS = [
  'erasure-opened',
  'rollup-moved',
  'raw-moved',
  'quarantine-emptied',
  'erasure-verified',
  'erasure-noted',
  'erasure-closed',
] as const
export type ErasurePoint = (typeof ERASURE_POINTS)[number]

export interface EraseDeps {
  readonly clickhouse: ClickHouse
  readonly whileLoadingPaused: WhileLoadingPaused
  readonly faultPoint: (name: ErasurePoint) => void
  readonly nowMs: () => number
  /** Days from its arrival on for which the id of an event must still be known. */
  readonly idsKeptDays: number
}

export interface Moved {
  /** The same before and after. */
  readonly totals: OrganisationTotals
  readonly after: RowCounts
}

type Asking = Pick<ClickHouse, 'query'>

const DAY_MS = 86_400_000

/** Trying again later helps: something else must end first. */
export class ErasureWaitsError extends Error {
  override readonly name = 'ErasureWaitsError'
}

/** @throws TypeError for an erasure that is done */
export function moveOf({ orgId, userId, target, mark, id }: Erasure): Move {
  if (userId === null || target === null || mark === null) throw new TypeError(`erase: ${id} is done`)
  return { orgId, userId, target, mark }
}

/** Rows of the person by table. @throws ClickHouseError */
export async function countRows(ch: Asking, person: Person): Promise<RowCounts> {
  const quarantine = await quarantinedOf(ch, person)
  return { ...(await countPerson(ch, person)), quarantine: quarantine.own.length + quarantine.unattributed.length }
}

/** Notes the erasure as open, and moves what is there. @throws ErasureWaitsError, ClickHouseError */
export async function movePerson(deps: EraseDeps, erasure: Erasure): Promise<void> {
  const { clickhouse: ch, whileLoadingPaused, faultPoint } = deps
  const move = moveOf(erasure)
  if (move.target === '') await requireEqualRollups(deps, move)
  await whileLoadingPaused(async () => {
    await requireNoRecomputation(ch, move.orgId)
    await openErasure(ch, move)
  })
  faultPoint('erasure-opened')
  await moveRollups(deps, move, whileLoadingPaused)
  await moveRawEvents(deps, move)
  await emptyQuarantineOf(deps, move)
}

/**
 * The rest, while loading is paused by the caller: there is nothing left when it resolves.
 * @throws Error when rows are left or sums changed, which is a bug; ClickHouseError
 */
export async function moveRest(deps: EraseDeps, erasure: Erasure): Promise<Moved> {
  const { clickhouse: ch, faultPoint } = deps
  const move = moveOf(erasure)
  const before = await totalsOf(ch, move.orgId)
  await moveRollups(deps, move, (work) => work())
  await moveRawEvents(deps, move)
  await emptyQuarantineOf(deps, move)
  const after = await countRows(ch, move)
  const left = Object.entries(after).filter(([, rows]) => rows !== 0)
  if (left.length > 0)
    throw new Error(`erase ${erasure.id}: rows are left in ${left.map(([table]) => table).join(', ')}`)
  const totals = await totalsOf(ch, move.orgId)
  if (JSON.stringify(totals) !== JSON.stringify(before))
    throw new Error(`erase ${erasure.id}: sums of the organisation changed`)
  faultPoint('erasure-verified')
  return { totals, after }
}

async function moveRollups(deps: EraseDeps, move: Move, paused: WhileLoadingPaused): Promise<void> {
  for (const rollup of ROLLUPS) {
    for (const month of await monthsOfPerson(deps.clickhouse, rollup, move)) {
      await paused(async () => await moveInRollup(deps.clickhouse, rollup, month, move))
      deps.faultPoint('rollup-moved')
    }
  }
}

async function moveRawEvents({ clickhouse: ch, nowMs, idsKeptDays, faultPoint }: EraseDeps, move: Move): Promise<void> {
  const idsFromMs = nowMs() - idsKeptDays * DAY_MS
  for (const month of await monthsOfPerson(ch, 'usage_events', move)) {
    await (move.target === '' ? removeRaw : moveRaw)(ch, month, move, idsFromMs)
    faultPoint('raw-moved')
  }
}

async function emptyQuarantineOf({ clickhouse: ch, faultPoint }: EraseDeps, move: Move): Promise<void> {
  const { own, unattributed } = await quarantinedOf(ch, move)
  if (own.length > 0) await emptyQuarantine(ch, move.orgId, own)
  if (unattributed.length > 0) await emptyQuarantine(ch, '', unattributed)
  if (own.length + unattributed.length > 0) faultPoint('quarantine-emptied')
}

/** A record that could not be decoded names no organisation; it is this one's when its bytes hold both ids. */
async function quarantinedOf(ch: Asking, { orgId, userId }: Person) {
  return {
    own: await findInQuarantine(ch, orgId, [userId]),
    unattributed: await findInQuarantine(ch, '', [orgId, userId]),
  }
}

/** Rollups of the person's days are made right while raw events can still say how. */
async function requireEqualRollups({ clickhouse: ch, whileLoadingPaused }: EraseDeps, person: Person): Promise<void> {
  const [range] = await ch.query<{ n: string; fromDay: string; toDay: string }>({
    text: `SELECT toString(count()) AS n, toString(toDate(min(ts), 'UTC')) AS fromDay, toString(toDate(max(ts), 'UTC')) AS toDay
      FROM ecomind.usage_events WHERE org_id = {org_id:String} AND user_id = {user_id:String}`,
    params: { org_id: person.orgId, user_id: person.userId },
  })
  if (range === undefined || range.n === '0') return
  const days = await miscountedDays(ch, range)
  for (const day of days) await rebuildRollups(ch, { fromDay: day, toDay: day, whileLoadingPaused })
}

/** A run that is half done reverses what it read; rows must not move meanwhile. */
async function requireNoRecomputation(ch: Asking, orgId: string): Promise<void> {
  const rows = await ch.query<{ id: string }>({
    text: `SELECT id FROM ecomind.recomputations WHERE org_id = {org_id:String} GROUP BY id
      HAVING argMax(state, seq) IN ('running', 'taking_back')`,
    params: { org_id: orgId },
  })
  if (rows.length > 0) throw new ErasureWaitsError(`recomputation ${rows[0]?.id} is still under way`)
}

/** From the days; each month of each rollup was compared before it was put in place. */
async function totalsOf(ch: Asking, orgId: string): Promise<OrganisationTotals> {
  const [row] = await ch.query<OrganisationTotals>({
    text: `SELECT toString(sum(r.calls)) AS calls, toString(sum(r.tokens_in)) AS tokens_in,
      toString(sum(r.tokens_out)) AS tokens_out, toString(sum(r.kwh)) AS kwh, toString(sum(r.water_l)) AS water_l,
      toString(sum(r.co2_kg)) AS co2_kg FROM ecomind.usage_1d AS r WHERE r.org_id = {org_id:String}`,
    params: { org_id: orgId },
  })
  if (row === undefined) throw new Error('erase: the totals of the organisation can not be read')
  return row
}
