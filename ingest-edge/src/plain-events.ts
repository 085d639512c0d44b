/** Events that went through `JSON.parse` and `validateEvent`, for the group commit. */
import { partitionOf, type UsageEvent } from '@ecomind/schemas'
import { encodeEvent } from '@ecomind/schemas/avro'
import type { EncodableEvents, GroupBuffer } from './partition-group.ts'

export class PlainEvents implements EncodableEvents {
  readonly count: number
  readonly #events: readonly UsageEvent[]

  constructor(events: readonly UsageEvent[]) {
    this.#events = events
    this.count = events.length
  }

  partitionOf(index: number, partitions: number): number {
    const { org_id, event_id } = this.#at(index)
    return partitionOf(org_id, event_id, partitions)
  }

  encode(index: number, { bytes }: GroupBuffer, pos: number): number {
    return encodeEvent(this.#at(index), bytes, pos)
  }

  idsAsJson(): string {
    return this.#events.map(({ event_id }) => JSON.stringify(event_id)).join(',')
  }

  #at(index: number): UsageEvent {
    const event = this.#events[index]
    if (event === undefined) throw new RangeError(`Use event: ${index}, wanted 0 to ${this.count - 1}`)
    return event
  }
}
