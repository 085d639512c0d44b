/** Identities that several stages must compute alike. */

/**
 * The partition of an event: a hash of organisation and event id, so that every copy of an id meets its first copy
 * in one partition. FNV-1a over UTF-16 code units with a final mix; stable for ever, because a change would let a
 * retry land in another partition than its first copy.
 */
export function partitionOf(orgId: string, eventId: string, partitions: number): number {
  let h = startPartitionHash(orgId)
  for (let i = 0; i < eventId.length; i++) h = stepPartitionHash(h, eventId.charCodeAt(i))
  return endPartitionHash(h, partitions)
}

/** The steps of `partitionOf`, for an event id that is no string yet: first the organisation ... */
export function startPartitionHash(orgId: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < orgId.length; i++) h = stepPartitionHash(h, orgId.charCodeAt(i))
  return stepPartitionHash(h, 0x1f)
}

/** ... then each UTF-16 code unit of the event id ... */
export function stepPartitionHash(hash: number, codeUnit: number): number {
  return Math.imul(hash ^ codeUnit, 0x01000193)
}

/** ... then the final mix. */
export function endPartitionHash(hash: number, partitions: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) % partitions
}

/** Where one event stands in the log. `generation` changes when a log is created anew. */
export interface EventPosition {
  readonly generation: number
  readonly partition: number
  readonly offset: number
  readonly index: number
}

/** `generation/partition/offset/index`: also the id of a quarantine row. */
export function formatPosition(p: EventPosition): string {
  return `${p.generation}/${p.partition}/${p.offset}/${p.index}`
}

/** The position in a text made by `formatPosition`, or null. */
export function parsePosition(text: string): EventPosition | null {
  const m = /^(\d{1,10})\/(\d{1,5})\/(\d{1,15})\/(\d{1,10})$/.exec(text)
  if (m === null) return null
  return { generation: Number(m[1]), partition: Number(m[2]), offset: Number(m[3]), index: Number(m[4]) }
}
