/**
 * One member of a consumer group. The group's consumer is only used for membership and commits; it fetches nothing
 * (kafka-reader.ts does).
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
import { checkCommit } from './commit-rules.ts'
import { FencedError, type Membership, type MembershipListener, OffsetOutOfRangeError } from './event-log.ts'
import {
  answered,
  type CommittedPlace,
  type KafkaClient,
  type KafkaConsumer,
  type KafkaFault,
  type PartitionPlace,
} from './kafka-client.ts'
import { createCommits } from './kafka-commits.ts'
import { ASSIGN_PARTITIONS, commitError, unavailable } from './kafka-errors.ts'
import { type KafkaRules, memberConfig } from './kafka-options.ts'
import { createPump } from './kafka-pump.ts'
import { openKafkaReader } from './kafka-reader.ts'

export interface JoinOptions {
  readonly client: KafkaClient
  readonly rules: KafkaRules
  /** @throws LogUnavailableError when the log can't be used any more */
  readonly checkUsable: () => void
  /** The topic is not the one that was opened. */
  readonly onOtherTopic: (detail: string) => void
  readonly onRead: (records: number, bytes: number) => void
  readonly onLeft: (membership: Membership) => void
}

/** A member that is silent holds up the others for its whole session, and one that finishes a batch for longer. */
const JOIN_WITHIN_MS_MIN = 60_000
const JOIN_WITHIN_SESSIONS = 4

/** @throws LogUnavailableError when the group has not taken the member in in time */
export async function joinKafkaGroup(
  options: JoinOptions,
  group: string,
  listener: MembershipListener,
): Promise<Membership> {
  const { client, rules } = options
  const { topic, partitions } = rules
  const owned = new Set<number>()
  let present = true
  /** What the listener has heard last; null when a partition has gone since. */
  let told: string | null = null
  let leaving: Promise<void> | null = null
  /** Only of a consumer that is connected: the addon crashes otherwise. */
  const isLost = () => present && consumer.assignmentLost()
  let becameMember: () => void = () => undefined
  const firstAssignment = new Promise<void>((resolve) => {
    becameMember = resolve
  })

  const reader = await openKafkaReader(client, rules)
  const commits = createCommits(topic, () => consumer)
  const consumer: KafkaConsumer = new client.KafkaConsumer(
    memberConfig(rules, group, {
      rebalance_cb: (fault: KafkaFault, places: readonly PartitionPlace[]) => void onRebalance(fault, places),
      offset_commit_cb: commits.onAnswer,
      queue_non_empty_cb: () => void pump.run(),
    }),
    { 'auto.offset.reset': 'latest' },
  )
  consumer.setDefaultConsumeTimeout(0)
  consumer.on('event.error', (fault) => rules.onFault(`group ${group}: ${fault.message}`))
  const pump = createPump({
    consumer,
    wanted: () => true,
    // Partitions are paused from their assignment on; should one come through all the same, it is read by the reader.
    onMessages: () => undefined,
    onFault: async (fault) => rules.onFault(`group ${group}: ${fault.message}`),
  })

  async function onRebalance({ code }: KafkaFault, places: readonly PartitionPlace[]): Promise<void> {
    try {
      if (code === ASSIGN_PARTITIONS) assign(places)
      else await revoke(places)
    } catch (error) {
      rules.onFault(`group ${group}: ${(error as Error).message}`)
    }
  }

  function assign(places: readonly PartitionPlace[]): void {
    // An offset of its own, or the client would ask for the committed one: nothing is fetched from it.
    consumer.incrementalAssign(places.map((place) => ({ ...place, offset: 'end' })))
    if (places.length > 0) consumer.pause(places)
    for (const { partition } of places) {
      if (partition < partitions) owned.add(partition)
      else options.onOtherTopic(`partition ${partition} appeared, it was opened with ${partitions}`)
    }
    const share = [...owned].sort((a, b) => a - b)
    if (present && told !== share.join()) listener.onAssigned({ partitions: share })
    told = share.join()
    becameMember()
  }

  async function revoke(places: readonly PartitionPlace[]): Promise<void> {
    const going = places.map(({ partition }) => partition).filter((partition) => owned.has(partition))
    if (isLost()) drop(going)
    if (present && going.length > 0) {
      // A listener that fails has nothing to hand over any more; the partition goes on without it.
      await listener.onRevoked(going).catch(() => undefined)
      await commits.settled(going)
    }
    drop(going)
    consumer.incrementalUnassign(places)
  }

  function drop(going: readonly number[]): void {
    for (const partition of going) {
      if (owned.delete(partition)) reader.forget(partition)
    }
    if (going.length > 0) told = null
    reader.wake()
  }

  function checkOwned(partition: number): void {
    if (!present) throw new FencedError(`Use group ${group}: this member has left`)
    if (!Number.isInteger(partition) || partition < 0 || partition >= partitions) {
      throw new RangeError(`Use group ${group}: partition ${partition}, wanted 0 to ${partitions - 1}`)
    }
    options.checkUsable()
    if (!owned.has(partition) || isLost()) {
      throw new FencedError(`Use group ${group}: partition ${partition} belongs to another member`)
    }
  }

  async function join(): Promise<void> {
    await answered((answer) => consumer.connect({ timeout: rules.answerTimeoutMs }, answer))
    consumer.subscribe([topic])
    const withinMs = Math.max(JOIN_WITHIN_MS_MIN, JOIN_WITHIN_SESSIONS * rules.sessionTimeoutMs)
    const timer: { handle?: NodeJS.Timeout } = {}
    const late = new Promise<never>((_, reject) => {
      timer.handle = setTimeout(() => reject(new Error(`no assignment within ${withinMs} ms`)), withinMs)
    })
    await Promise.race([firstAssignment, late]).finally(() => clearTimeout(timer.handle))
  }

  async function leave(): Promise<void> {
    present = false
    reader.wake()
    await commits.settled(owned)
    owned.clear()
    await pump.stop()
    await answered((answer) => consumer.disconnect(answer)).catch(() => undefined)
    await reader.close()
    options.onLeft(membership)
  }

  const membership: Membership = {
    read: async (partition, from, readOptions) => {
      checkOwned(partition)
      if (!Number.isSafeInteger(from) || from < 0) {
        throw new OffsetOutOfRangeError(`Read ${topic}/${partition}: offset ${from}, wanted 0 or more`)
      }
      const over = () => !present || !owned.has(partition)
      const records = await reader.read(partition, from, readOptions, over)
      const bytes = records.reduce((sum, { value }) => sum + value.byteLength, 0)
      options.onRead(records.length, bytes)
      return records
    },
    commit: async (partition, offset, note) => {
      checkOwned(partition)
      checkCommit(offset, note)
      try {
        await commits.commit(partition, offset, note)
      } catch (fault) {
        const stillMine = owned.has(partition) && !isLost()
        throw commitError(fault as KafkaFault, `${topic}/${partition}`, stillMine)
      }
    },
    committed: async (partition) => {
      checkOwned(partition)
      try {
        const [found] = await answered<readonly CommittedPlace[]>((answer) =>
          consumer.committed([{ topic, partition }], rules.answerTimeoutMs, answer),
        )
        return found?.offset === undefined ? null : { offset: found.offset, note: found.metadata ?? '' }
      } catch (fault) {
        throw unavailable(`Read the commit of ${topic}/${partition}`, fault)
      }
    },
    leave: () => {
      leaving ??= leave()
      return leaving
    },
  }
  try {
    await join()
  } catch (error) {
    await membership.leave()
    throw unavailable(`Join group ${group}`, error)
  }
  return membership
}
