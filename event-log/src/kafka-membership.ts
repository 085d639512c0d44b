/** One member of a group as the port wants it: every call is checked for ownership first, every fault gets the log's name. */
import { checkCommit } from './commit-rules.ts'
import { FencedError, type Membership, type MembershipListener, OffsetOutOfRangeError } from './event-log.ts'
import type { KafkaClient, KafkaFault } from './kafka-client.ts'
import { commitError, unavailable } from './kafka-errors.ts'
import { createKafkaGroup, type KafkaGroup } from './kafka-group.ts'
import type { KafkaRules } from './kafka-options.ts'
import { type KafkaReader, openKafkaReader } from './kafka-reader.ts'

export interface JoinOptions {
  readonly client: KafkaClient
  readonly rules: KafkaRules
  /** @throws LogUnavailableError when the log can't be used any more */
  readonly checkUsable: () => void
  readonly onOtherTopic: (detail: string) => void
  readonly onRead: (records: number, bytes: number) => void
  readonly onLeft: (membership: Membership) => void
}

/** @throws LogUnavailableError when no broker answers or the group has not taken the member in in time */
export async function joinKafkaGroup(
  options: JoinOptions,
  name: string,
  listener: MembershipListener,
): Promise<Membership> {
  const reader = await openKafkaReader(options.client, options.rules)
  const onGone = (partitions: readonly number[]) => {
    for (const partition of partitions) reader.forget(partition)
    reader.wake()
  }
  const group = createKafkaGroup({ ...options, group: name, listener, onGone })
  const membership = createMembership(options, name, group, reader)
  try {
    await group.join()
  } catch (error) {
    await membership.leave()
    throw unavailable(`Join group ${name}`, error)
  }
  return membership
}

function createMembership(options: JoinOptions, name: string, group: KafkaGroup, reader: KafkaReader): Membership {
  const { topic, partitions } = options.rules
  let leaving: Promise<void> | null = null

  function checkOwned(partition: number): void {
    if (!group.isPresent()) throw new FencedError(`Use group ${name}: this member has left`)
    if (!Number.isInteger(partition) || partition < 0 || partition >= partitions) {
      throw new RangeError(`Use group ${name}: partition ${partition}, wanted 0 to ${partitions - 1}`)
    }
    options.checkUsable()
    if (!group.owns(partition)) {
      throw new FencedError(`Use group ${name}: partition ${partition} belongs to another member`)
    }
  }

  async function leave(): Promise<void> {
    const left = group.leave()
    reader.wake()
    await left
    await reader.close()
    options.onLeft(membership)
  }

  const membership: Membership = {
    read: async (partition, from, readOptions) => {
      checkOwned(partition)
      if (!Number.isSafeInteger(from) || from < 0) {
        throw new OffsetOutOfRangeError(`Read ${topic}/${partition}: offset ${from}, wanted 0 or more`)
      }
      const over = () => !group.isPresent() || !group.owns(partition)
      const records = await reader.read(partition, from, readOptions, over)
      // It went to another member meanwhile: that must not look like the end of the log.
      if (records.length === 0 && group.isPresent()) checkOwned(partition)
      options.onRead(
        records.length,
        records.reduce((sum, { value }) => sum + value.byteLength, 0),
      )
      return records
    },
    commit: async (partition, offset, note) => {
      checkOwned(partition)
      checkCommit(offset, note)
      try {
        await group.commit(partition, offset, note)
      } catch (fault) {
        throw commitError(fault as KafkaFault, `${topic}/${partition}`, group.owns(partition))
      }
    },
    committed: async (partition) => {
      checkOwned(partition)
      try {
        return await group.committed(partition)
      } catch (fault) {
        throw unavailable(`Read the commit of ${topic}/${partition}`, fault)
      }
    },
    leave: () => {
      leaving ??= leave()
      return leaving
    },
  }
  return membership
}
