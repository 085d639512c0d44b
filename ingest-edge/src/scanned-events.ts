/**
 * The fast way from a body to log bytes, for bodies in which every event is right and plainly written: no object per
 * event on the way. What it costs and saves: docs/decisions/2026-11-25-edge-speed.md.
 */
import { EVENT_FIELDS, endPartitionHash, startPartitionHash, stepPartitionHash } from '@ecomind/schemas'
import { encodeSlices } from './encode-slices.ts'
import { fromOf, SLICED_EVENTS_MAX, toOf } from './event-slices.ts'
import { FIELD, highestOf } from './field-table.ts'
import { BESIDE_IDS_BYTES, byteAt, copyText, putBeside, type Word, wordOf } from './json-bytes.ts'
import type { BodyFormat } from './parse-body.ts'
import type { EncodableEvents, GroupBuffer } from './partition-group.ts'
import { scanBody } from './scan-body.ts'
import { isText } from './text-rule.ts'
import type { EventRules } from './validate-event.ts'

const QUOTE = 0x22
const COMMA = 0x2c
/** Ids are ASCII here, with two quotes and a comma around each. */
const answer = Buffer.alloc(SLICED_EVENTS_MAX * (highestOf(FIELD.event_id) + 3) + 8)
const answerView = new DataView(answer.buffer, answer.byteOffset, answer.byteLength)

/** What is the same for many requests: the organisation that they write for, in the forms that are needed. */
interface Organisation {
  readonly id: string
  /** With its quotes; null for an id that is shorter than a word can be, or none that an event may carry. */
  readonly word: Word | null
  /** Where it lies beside the text. */
  readonly at: number
  readonly partitionHash: number
}

function organisationOf(id: string): Organisation {
  const fits = id.length > 1 && isText(id, EVENT_FIELDS.org_id.rule, false)
  const at = fits ? putBeside(id, BESIDE_IDS_BYTES) : 0
  return { id, word: fits ? wordOf(`"${id}"`) : null, at, partitionHash: startPartitionHash(id) }
}

let organisation = organisationOf('')

/**
 * The events of a body, or null when it must be read in the slow way. There is one at a time: it holds until the next
 * call.
 */
export function scanEvents(
  body: Uint8Array,
  format: BodyFormat,
  rules: Omit<EventRules, 'plain'>,
  maxEvents: number,
): ScannedEvents | null {
  if (rules.orgId !== organisation.id) organisation = organisationOf(rules.orgId)
  const { word, at, partitionHash } = organisation
  if (word === null) return null
  const { tsMinMs, tsMaxMs, newEventId } = rules
  const orgAt = rules.orgIsImplied ? at : null
  const count = scanBody(body, format, { tsMinMs, tsMaxMs, newEventId, orgId: word, orgAt }, maxEvents)
  return count === 0 ? null : new ScannedEvents(count, partitionHash)
}

export class ScannedEvents implements EncodableEvents {
  readonly count: number
  readonly #partitionHash: number

  constructor(count: number, partitionHash: number) {
    this.count = count
    this.#partitionHash = partitionHash
  }

  partitionOf(index: number, partitions: number): number {
    let hash = this.#partitionHash
    const to = toOf(index, FIELD.event_id)
    for (let at = fromOf(index, FIELD.event_id); at < to; at++) hash = stepPartitionHash(hash, byteAt(at))
    return endPartitionHash(hash, partitions)
  }

  encode(index: number, { view }: GroupBuffer, pos: number): number {
    return encodeSlices(index, view, pos)
  }

  /** The ids as the inside of a JSON array: ASCII without quotes and escapes, so their bytes are their JSON. */
  idsAsJson(): string {
    let at = 0
    for (let index = 0; index < this.count; index++) {
      answer[at++] = QUOTE
      at = copyText(fromOf(index, FIELD.event_id), toOf(index, FIELD.event_id), answerView, at)
      answer[at++] = QUOTE
      answer[at++] = COMMA
    }
    return answer.toString('latin1', 0, at - 1)
  }
}
