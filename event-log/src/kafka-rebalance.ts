/**
 * What a member does when its group gives it partitions or asks for some back.
 *
 * A partition is in one of three states here:
 * - owned: from the assignment on. Reads and commits are allowed.
 * - leaving: the group has asked for it. The listener finishes; reads and commits go on being allowed. Only when its
 *   promise and every commit under way are settled is the partition given back, and only then can another member have it.
 * - not ours: everything is refused with FencedError. A partition that was lost (this process was silent for too long,
 *   somebody else may have it already) gets there at once, and the listener hears of it afterwards.
 * Behind this stands the broker: a commit carries the member's id and the group's generation, and one from a member that
 * the group has gone on without is refused.
 */
import type { MembershipListener } from './event-log.ts'
import type { KafkaConsumer, KafkaFault, PartitionPlace } from './kafka-client.ts'
import type { Commits } from './kafka-commits.ts'
import { ASSIGN_PARTITIONS } from './kafka-errors.ts'
import type { KafkaShare } from './kafka-share.ts'

export interface RebalanceOptions {
  readonly consumer: () => KafkaConsumer
  readonly share: KafkaShare
  readonly commits: Commits
  readonly listener: MembershipListener
  readonly partitions: number
  /** False from `leave` on: then partitions are only given back. */
  readonly isPresent: () => boolean
  readonly isLost: () => boolean
  readonly onAssigned: () => void
  readonly onGone: (partitions: readonly number[]) => void
  /** The topic has partitions that it had not when it was opened. */
  readonly onOtherTopic: (detail: string) => void
  readonly onFault: (error: unknown) => void
}

/** For the client's `rebalance_cb`. The client waits with the next rebalance until this one's places were taken or given. */
export function createRebalance(options: RebalanceOptions) {
  const { share, commits, listener, partitions } = options

  function assign(places: readonly PartitionPlace[]): void {
    const consumer = options.consumer()
    // An offset of its own, or the client would ask for the committed one: nothing is fetched from it.
    consumer.incrementalAssign(places.map((place) => ({ ...place, offset: 'end' })))
    if (places.length > 0) consumer.pause(places)
    const given = places.map(({ partition }) => partition)
    const foreign = given.filter((partition) => partition >= partitions)
    if (foreign.length > 0) options.onOtherTopic(`partition ${foreign[0]} appeared, it was opened with ${partitions}`)
    const news = share.add(given.filter((partition) => partition < partitions))
    if (options.isPresent() && news !== null) listener.onAssigned({ partitions: news })
    options.onAssigned()
  }

  async function revoke(places: readonly PartitionPlace[]): Promise<void> {
    const going = places.map(({ partition }) => partition).filter((partition) => share.has(partition))
    if (options.isLost()) drop(going)
    if (options.isPresent() && going.length > 0) {
      // A listener that fails has nothing to hand over any more; the partition goes on without it.
      await listener.onRevoked(going).catch(() => undefined)
      await commits.settled(going)
    }
    drop(going)
    options.consumer().incrementalUnassign(places)
  }

  function drop(going: readonly number[]): void {
    options.onGone(share.remove(going))
  }

  return async ({ code }: KafkaFault, places: readonly PartitionPlace[]): Promise<void> => {
    try {
      if (code === ASSIGN_PARTITIONS) assign(places)
      else await revoke(places)
    } catch (error) {
      options.onFault(error)
    }
  }
}
