/**
 * The consumer of one member of a group. It is only used for membership and commits and fetches nothing: kafka-reader.ts
 * reads.
 */
import type { CommittedOffset, MembershipListener } from './event-log.ts'
import { answered, type CommittedPlace, type KafkaClient, type KafkaConsumer } from './kafka-client.ts'
import { createCommits } from './kafka-commits.ts'
import { type KafkaRules, memberConfig } from './kafka-options.ts'
import { createPump } from './kafka-pump.ts'
import { createRebalance } from './kafka-rebalance.ts'
import { KafkaShare } from './kafka-share.ts'

export interface KafkaGroup {
  /** False from `leave` on. */
  isPresent(): boolean
  /** Owned, and not lost as far as the client knows. */
  owns(partition: number): boolean
  /** Resolves with the first assignment. @throws Error when there is none in time, KafkaFault */
  join(): Promise<void>
  /** @throws KafkaFault */
  commit(partition: number, offset: number, note: string): Promise<void>
  /** @throws KafkaFault */
  committed(partition: number): Promise<CommittedOffset | null>
  /** Waits for commits under way and leaves; the listener is not asked. */
  leave(): Promise<void>
}

export interface KafkaGroupOptions {
  readonly client: KafkaClient
  readonly rules: KafkaRules
  readonly group: string
  readonly listener: MembershipListener
  readonly onGone: (partitions: readonly number[]) => void
  readonly onOtherTopic: (detail: string) => void
}

/** A member that is silent holds up the others for its whole session, and one that finishes a batch for longer. */
const JOIN_WITHIN_MS_MIN = 60_000
const JOIN_WITHIN_SESSIONS = 4
/** The client asks again by itself while brokers are away; this is for an answer that never comes. */
const COMMIT_WITHIN_MS_MIN = 30_000

export function createKafkaGroup(options: KafkaGroupOptions): KafkaGroup {
  const { client, rules, group } = options
  const { topic } = rules
  const share = new KafkaShare()
  let present = true
  const firstAssignment = openLatch()
  const report = (error: unknown) => rules.onFault(`group ${group}: ${(error as Error).message}`)
  const commits = createCommits(topic, () => consumer, Math.max(COMMIT_WITHIN_MS_MIN, 2 * rules.sessionTimeoutMs))
  /** Only asked of a consumer that is connected: the addon crashes otherwise. */
  const isLost = () => present && consumer.assignmentLost()
  const rebalance = createRebalance({
    ...options,
    consumer: () => consumer,
    share,
    commits,
    partitions: rules.partitions,
    isPresent: () => present,
    isLost,
    onAssigned: firstAssignment.open,
    onFault: report,
  })
  const callbacks = {
    rebalance_cb: rebalance,
    offset_commit_cb: commits.onAnswer,
    queue_non_empty_cb: () => void pump.run(),
  }
  const consumer: KafkaConsumer = new client.KafkaConsumer(memberConfig(rules, group, callbacks), {
    'auto.offset.reset': 'latest',
  })
  consumer.setDefaultConsumeTimeout(0)
  consumer.on('event.error', report)
  const pump = createPump({
    consumer,
    wanted: () => true,
    // Partitions are paused from their assignment on; should one come through all the same, it is read by the reader.
    onMessages: () => undefined,
    onFault: report,
  })

  return {
    isPresent: () => present,
    owns: (partition) => share.has(partition) && !isLost(),
    join: async () => {
      await answered((answer) => consumer.connect({ timeout: rules.answerTimeoutMs }, answer))
      consumer.subscribe([topic])
      await firstAssignment.within(Math.max(JOIN_WITHIN_MS_MIN, JOIN_WITHIN_SESSIONS * rules.sessionTimeoutMs))
    },
    commit: commits.commit,
    committed: async (partition) => {
      const [found] = await answered<readonly CommittedPlace[]>((answer) =>
        consumer.committed([{ topic, partition }], rules.answerTimeoutMs, answer),
      )
      return found?.offset === undefined ? null : { offset: found.offset, note: found.metadata ?? '' }
    },
    leave: async () => {
      present = false
      await commits.settled(share.all)
      share.remove(share.all)
      await pump.stop()
      await answered((answer) => consumer.disconnect(answer)).catch(report)
    },
  }
}

function openLatch() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const within = async (ms: number): Promise<void> => {
    const timer: { handle?: NodeJS.Timeout } = {}
    const late = new Promise<never>((_, reject) => {
      timer.handle = setTimeout(() => reject(new Error(`no assignment within ${ms} ms`)), ms)
    })
    await Promise.race([opened, late]).finally(() => clearTimeout(timer.handle))
  }
  return { open, within }
}
