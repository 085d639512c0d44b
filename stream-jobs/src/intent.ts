/**
 * The commit note of the loader. Before an insert it says exactly what is about to be inserted (the intent, committed
 * at the batch's first offset); after it, that all is done (committed at the next offset). Whoever finds an intent
 * rebuilds the same rows from the same records and sends them under the same token.
 */
import { z } from 'zod'
import { type DayRange, RANGES_MAX } from './day-ranges.ts'

/** Most schemas that one batch may be read with. */
const SCHEMAS_MAX = 32
/** Commit notes hold at most this many bytes (the log port's bound). */
export const NOTE_BYTES_MAX = 4096

const offset = z.number().int().min(0)
const watermark = z.number().int().nullable()
/** Epoch days whose rollups are still to be compared with the raw rows, as inclusive ranges; left out when there are none. */
const toCompare = z
  .array(z.tuple([z.number().int(), z.number().int()]))
  .max(RANGES_MAX)
  .optional()

const intentShape = z.strictObject({
  state: z.literal('intent'),
  version: z.literal(1),
  generation: z.number().int().min(1),
  partition: z.number().int().min(0),
  from: offset,
  to: offset,
  /** Events and poison records in the range. */
  count: offset,
  /** Rows for usage_events. */
  stored: offset,
  factorSet: z.string().min(1).max(128),
  methodVersion: z.string().max(64),
  /** Global watermark that the rows carry, epoch milliseconds; null before any is known. */
  watermarkMs: watermark,
  /** The partition's own watermark before this batch. */
  partitionWatermarkMs: watermark,
  /** When the intent was written, epoch milliseconds: tells whether ClickHouse can still know the token. */
  writtenAtMs: z.number().int(),
  token: z.string().min(1).max(512),
  /** Ids of the batch that the registry made known, with the fingerprint of each schema; every other id was unknown. Left out without a registry. */
  schemas: z
    .array(z.tuple([z.number().int().min(1), z.string().regex(/^[0-9a-f]{16}$/)]))
    .max(SCHEMAS_MAX)
    .optional(),
  /** Rows were missing though the token was accepted: from here on they are compared by position, whatever its age. */
  byPosition: z.literal(true).optional(),
  toCompare,
})
const doneShape = z.strictObject({
  state: z.literal('done'),
  version: z.literal(1),
  generation: z.number().int().min(1),
  /** First offset of the batch that was finished: its ledger rows carry it. */
  from: offset,
  watermarkMs: watermark,
  toCompare,
})
const noteShape = z.discriminatedUnion('state', [intentShape, doneShape])

export type Intent = Readonly<z.output<typeof intentShape>>
export type Done = Readonly<z.output<typeof doneShape>>
export type CommitNote = Intent | Done

export class BadNoteError extends Error {
  override readonly name = 'BadNoteError'
}

/** Names the exact range: equal tokens mean equal rows. */
export function formatToken(topic: string, generation: number, partition: number, from: number, to: number): string {
  return `${topic}/${generation}/${partition}/${from}-${to}`
}

export function formatNote(note: CommitNote): string {
  const text = JSON.stringify(note)
  const bytes = Buffer.byteLength(text)
  if (bytes > NOTE_BYTES_MAX) throw new BadNoteError(`write a commit note: ${bytes} bytes, at most ${NOTE_BYTES_MAX}`)
  return text
}

/**
 * The note behind a committed offset; null when none was written.
 * @throws BadNoteError when it is not one of ours or contradicts where it stands
 */
export function parseNote(
  text: string,
  at: { readonly partition: number; readonly offset: number },
): CommitNote | null {
  if (text === '') return null
  const where = `read the commit note of partition ${at.partition} at offset ${at.offset}`
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new BadNoteError(`${where}: it is not JSON`)
  }
  const parsed = noteShape.safeParse(json)
  if (!parsed.success) throw new BadNoteError(`${where}: ${z.prettifyError(parsed.error)}`)
  if (parsed.data.state === 'intent') checkIntent(parsed.data, at, where)
  for (const range of parsed.data.toCompare ?? []) checkRange(range, where)
  return parsed.data
}

function checkIntent(intent: Intent, at: { partition: number; offset: number }, where: string): void {
  if (intent.partition !== at.partition) throw new BadNoteError(`${where}: it names partition ${intent.partition}`)
  if (intent.from !== at.offset) throw new BadNoteError(`${where}: it begins at offset ${intent.from}`)
  if (intent.to <= intent.from)
    throw new BadNoteError(`${where}: it ends at ${intent.to}, behind ${intent.from} is wanted`)
}

/** Any time an event can have lies in fewer days than these; a garbled range must not become millions of them. */
const RANGE_DAYS_MAX = 100_000

function checkRange([first, last]: DayRange, where: string): void {
  if (last >= first && last - first < RANGE_DAYS_MAX) return
  throw new BadNoteError(`${where}: toCompare has days ${first} to ${last}, an ascending range is wanted`)
}
