/**
 * Group commit: events of many requests become few log records, and one flush acknowledges them all.
 *
 * Each partition has one growing buffer that events are encoded into as they come. A group is appended after `delayMs`,
 * or when its bytes reach `maxBytes`; a partition appends one group at a time, so the slower the log flushes, the more
 * events share a flush, and what came meanwhile waits `delayMs` more: clients whose answers have just left send their
 * next requests then, and all partitions go in step. A request waits for the groups that hold its events, in whatever partitions: when one of them fails, the request has failed, although events of it may
 * have become durable in another partition. Its client sends them again with the same ids, and the loader drops the
 * copies. (Ids that the edge gave are new on a retry, so a client without ids of its own may count such an event
 * twice; docs/failure-modes.md says so.)
 */
import { LogFullError } from '@ecomind/event-log'
import type { Refusal } from './errors.ts'
import {
  type EncodableEvents,
  type GroupCommitOptions,
  PartitionGroup,
  Ticket,
  type Waiter,
} from './partition-group.ts'

export class GroupCommit {
  readonly #options: GroupCommitOptions
  readonly #partitions: readonly PartitionGroup[]
  #timer: NodeJS.Timeout | null = null
  #idle: (() => void) | null = null
  readonly #onTime = () => this.#onTimer()

  constructor(options: GroupCommitOptions) {
    this.#options = options
    const idle = () => this.#checkIdle()
    const soon = () => this.#flushSoon()
    this.#partitions = Array.from(
      { length: options.log.partitions },
      (_, partition) => new PartitionGroup(partition, options, idle, soon),
    )
  }

  /** Takes the events of one request; `waiter` hears when all of them are durable, or that they may not be. */
  add(events: EncodableEvents, waiter: Waiter): void {
    const ticket = new Ticket(waiter)
    for (let index = 0; index < events.count; index++) {
      this.#partitions[events.partitionOf(index, this.#partitions.length)]?.add(events, index, ticket)
    }
    ticket.done(null)
    this.#flushSoon()
  }

  /** Appends what waits and resolves when nothing is under way. */
  async drain(): Promise<void> {
    const idle = new Promise<void>((resolve) => {
      this.#idle = resolve
    })
    this.#onTimer()
    this.#checkIdle()
    await idle
  }

  /** Encoded bytes that are not durable yet. */
  get bytes(): number {
    return this.#partitions.reduce((sum, p) => sum + p.waitingBytes, 0)
  }

  #flushSoon(): void {
    this.#timer ??= setTimeout(this.#onTime, this.#options.delayMs)
  }

  #onTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    for (const partition of this.#partitions) partition.flush()
  }

  #checkIdle(): void {
    if (this.#idle !== null && this.#partitions.every((p) => p.isIdle)) this.#idle()
  }
}

/** How a failed append is told to the client. */
export function refusalOfFailure(failure: unknown): Refusal {
  if (failure instanceof LogFullError) {
    return {
      code: 'log_full',
      message: 'append to the log: it is full; send the request again with the same event ids after the pause',
      retryAfterSeconds: failure.retryAfterSeconds,
    }
  }
  return {
    code: 'log_unavailable',
    message: 'append to the log: it failed; send the request again with the same event ids after the pause',
    retryAfterSeconds: 2,
  }
}
