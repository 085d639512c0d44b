/** Lost and doubled, by ids and sums, in raw and in every rollup; anything but zero is a failed run. */
import type { Sent } from './load/load-plan.ts'
import type { Bench } from './product.ts'

const ROLLUPS = ['usage_1m', 'usage_15m', 'usage_1h', 'usage_1d'] as const
/** The last eight hex digits of an id, as the generator adds them up. */
const ID_SUM = `sum(toUInt64(reinterpretAsUInt32(reverse(unhex(right(event_id, 8)))))) % 4294967296`

const IDS_PER_QUESTION = 2_000_000

export interface OracleRow {
  readonly events: number
  readonly tokensIn: number
  readonly tokensOut: number
}

export interface Stored {
  readonly raw: OracleRow & { readonly ids: number; readonly idSum: number }
  readonly rollups: Readonly<Record<string, OracleRow>>
}

/** What differs, one sentence each; empty when every event was stored once. */
export function judge(sent: Sent, { raw, rollups }: Stored): string[] {
  const faults: string[] = []
  if (raw.ids !== sent.accepted) faults.push(`${sent.accepted - raw.ids} of ${sent.accepted} ids are lost`)
  if (raw.events !== raw.ids) faults.push(`${raw.events - raw.ids} events are doubled`)
  if (raw.idSum !== sent.idSum) faults.push(`the ids add up to ${raw.idSum}, ${sent.idSum} were sent`)
  for (const [table, row] of Object.entries({ usage_events: raw, ...rollups })) {
    const got = [row.events, row.tokensIn, row.tokensOut].join(' ')
    const wanted = [sent.accepted, sent.tokensIn, sent.tokensOut].join(' ')
    if (got !== wanted) faults.push(`${table} holds ${got} (events, tokens in, tokens out), ${wanted} were sent`)
  }
  return faults
}

/** @throws Error that names every difference */
export async function requireExactlyOnce(bench: Pick<Bench, 'sql'>, sent: Sent): Promise<string> {
  const faults = judge(sent, await readStored(bench))
  if (faults.length > 0) throw new Error(`oracle: ${faults.join('; ')}`)
  return 'lost 0, doubled 0'
}

async function readStored({ sql }: Pick<Bench, 'sql'>): Promise<Stored> {
  const [raw] = await sql(`SELECT count(), sum(tokens_in), sum(tokens_out), ${ID_SUM} FROM usage_events`)
  const [events = 0, tokensIn = 0, tokensOut = 0, idSum = 0] = (raw ?? []).map(Number)
  const ids = await distinctIds(sql, events)
  const rollups: Record<string, OracleRow> = {}
  for (const table of ROLLUPS) {
    const [row] = await sql(`SELECT sum(calls), sum(tokens_in), sum(tokens_out) FROM ${table}`)
    const [calls = 0, rolledIn = 0, rolledOut = 0] = (row ?? []).map(Number)
    rollups[table] = { events: calls, tokensIn: rolledIn, tokensOut: rolledOut }
  }
  return { raw: { events, tokensIn, tokensOut, ids, idSum }, rollups }
}

/** Counted in slices by hash, since the SQL port gives a question 1 GiB and all ids of a long run need more. */
async function distinctIds(sql: Bench['sql'], events: number): Promise<number> {
  const slices = Math.max(1, Math.ceil(events / IDS_PER_QUESTION))
  let ids = 0
  for (let slice = 0; slice < slices; slice++) {
    const [row] = await sql(
      `SELECT uniqExact(hash) FROM (SELECT sipHash128(event_id) hash FROM usage_events) WHERE reinterpretAsUInt64(hash) % ${slices} = ${slice}`,
    )
    ids += Number(row?.[0] ?? 0)
  }
  return ids
}
