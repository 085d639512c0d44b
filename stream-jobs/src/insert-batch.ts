/**
 * Step: one batch into ClickHouse. Four inserts, each under the batch's token: repeating any of them, or all, doubles
 * nothing. Minutes follow the events they add up, and the ledger comes last: what it counts is there.
 *
 * ClickHouse flushes parts, but not its memory of tokens: a power cut of its machine can leave the one without the other.
 * So a repeat sends only what is not there by position, and the token guards against the first copy still being under
 * way. Minutes have no positions; days of a repeat are compared and made again.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import type { ClickHouse, LedgerRow, QuarantineRow } from '@ecomind/clickhouse'
import { encodeLedgerRows, encodeMinuteColumns, encodeQuarantineRows, encodeUsageColumns } from '@ecomind/clickhouse'
import type { MinuteSelection, UsageSelection } from './batch-columns.ts'
import type { FaultPoint } from './fault-points.ts'

export interface BatchRows {
  readonly usage: UsageSelection
  /** Null where events go in that may be counted already: their days are compared and made again afterwards. */
  readonly minutes: MinuteSelection | null
  readonly quarantine: readonly QuarantineRow[]
  readonly ledger: readonly LedgerRow[]
}

/** Rows to one Native block; tests put their own in. */
export interface BlockEncoders {
  /** The block is good until the next one of the same batch. */
  readonly usage: (rows: UsageSelection) => Promise<Uint8Array>
  readonly minutes: (minutes: MinuteSelection) => Uint8Array
  readonly quarantine: (rows: readonly QuarantineRow[]) => Uint8Array
  readonly ledger: (rows: readonly LedgerRow[]) => Uint8Array
}

export const nativeEncoders: BlockEncoders = {
  usage: ({ columns, rows, buffer }) => encodeUsageColumns(columns, rows, buffer, breathe),
  minutes: ({ usage, minutes, buffer }) => encodeMinuteColumns(usage.columns, minutes, buffer),
  quarantine: encodeQuarantineRows,
  ledger: encodeLedgerRows,
}

export interface InsertContext {
  readonly clickhouse: Pick<ClickHouse, 'insertNative'>
  readonly encoders: BlockEncoders
  /** Runs one insert until the database takes it. */
  readonly untilAccepted: (action: () => Promise<void>) => Promise<void>
  readonly faultPoint: FaultPoint
}

/** Called before every insert. @throws FencedError when the partition went to another job meanwhile */
export type ConfirmOwner = () => Promise<void>

/** What of these rows the tables do not hold; minutes are not looked for. */
export type StillMissing = (rows: BatchRows) => Promise<BatchRows>

export type BatchTable = 'usage_events' | 'usage_minutes' | 'quarantine' | 'ingest_ledger'

const NO_ROWS = new Uint32Array(0)
/** Of a batch that is nearly done: its partition prepares the next one while the rows of another go in. */
const AHEAD: ReadonlySet<BatchTable> = new Set(['quarantine', 'ingest_ledger'])
/** As fault points name them. */
const SHORT_NAMES = {
  usage_events: 'usage',
  usage_minutes: 'minutes',
  quarantine: 'quarantine',
  ingest_ledger: 'ledger',
} as const satisfies Record<BatchTable, string>

/**
 * Resolves when the database has said yes to every row. Tables without rows are left alone. Returns the tables whose
 * insert was refused before: a yes to a repeat is not yet a proof (complete-batch.ts).
 * @throws what the database never will take
 */
export async function insertBatch(
  rows: BatchRows,
  token: string,
  context: InsertContext,
  confirmOwner: ConfirmOwner,
  stillMissing: StillMissing,
): Promise<ReadonlySet<BatchTable>> {
  const { encoders } = context
  const repeated = new Set<BatchTable>()
  const insert = createInsert(token, context, confirmOwner, repeated)
  const nothing: BatchRows = { ...rows, usage: { ...rows.usage, rows: NO_ROWS }, quarantine: [], ledger: [] }
  const events = await encodeUsage(rows.usage, encoders)
  const minutes = rows.minutes === null || rows.minutes.usage.rows.length === 0 ? null : encoders.minutes(rows.minutes)
  // One right behind the other on the connection, so that no comparison of rollups gets in between
  // (ledgers of other partitions may).
  await bothSettled(
    insert('usage_events', events, async () => {
      const { usage } = await stillMissing({ ...nothing, usage: rows.usage })
      return usage.rows.length === rows.usage.rows.length ? events : await encodeUsage(usage, encoders)
    }),
    insert('usage_minutes', minutes, async () => minutes),
  )
  await insert('quarantine', encodeSome(rows.quarantine, encoders.quarantine), async () => {
    const { quarantine } = await stillMissing({ ...nothing, quarantine: rows.quarantine })
    return encodeSome(quarantine, encoders.quarantine)
  })
  await insert('ingest_ledger', encodeSome(rows.ledger, encoders.ledger), async () => {
    const { ledger } = await stillMissing({ ...nothing, ledger: rows.ledger })
    return encodeSome(ledger, encoders.ledger)
  })
  return repeated
}

type Block = Uint8Array | null
type Insert = (table: BatchTable, block: Block, rest: () => Promise<Block>) => Promise<void>

/** `block` goes first, `rest` gives what goes at each repeat; null: nothing. */
function createInsert(
  token: string,
  { clickhouse, untilAccepted, faultPoint }: InsertContext,
  confirmOwner: ConfirmOwner,
  repeated: Set<BatchTable>,
): Insert {
  return async (table, block, rest) => {
    if (block === null) return
    faultPoint(`before-insert-${SHORT_NAMES[table]}`)
    let attempts = 0
    await untilAccepted(async () => {
      attempts += 1
      if (attempts > 1) repeated.add(table)
      const wanted = attempts > 1 ? await rest() : block
      if (wanted === null) return
      await confirmOwner()
      await clickhouse.insertNative(table, wanted, token, AHEAD.has(table))
    })
    faultPoint(`after-insert-${SHORT_NAMES[table]}`)
  }
}

async function encodeUsage(usage: UsageSelection, encoders: BlockEncoders): Promise<Block> {
  return usage.rows.length === 0 ? null : await encoders.usage(usage)
}

function encodeSome<Row>(rows: readonly Row[], encode: (rows: readonly Row[]) => Uint8Array): Block {
  return rows.length === 0 ? null : encode(rows)
}

/** Waits for both, whatever becomes of either: an insert that goes on by itself would meet the next batch. */
async function bothSettled(...inserts: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(inserts)) if (outcome.status === 'rejected') throw outcome.reason
}
