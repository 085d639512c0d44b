/**
 * Commits of one member. The client answers commits on one callback that names only partition and offset, so each
 * partition has at most one commit under way. (Its `commitCb` is no help: it calls back before the broker has answered.)
 * A commit that is not answered in time is reported as unknown: the next one of its partition waits for it, and so does
 * the group when it wants the partition back.
 */
import type { KafkaConsumer, KafkaFault, PartitionPlace } from './kafka-client.ts'
import { TIMED_OUT } from './kafka-errors.ts'

export interface Commits {
  /** Resolves when the broker has it. @throws KafkaFault */
  commit(partition: number, offset: number, note: string): Promise<void>
  /** For the client's `offset_commit_cb`. */
  readonly onAnswer: (fault: KafkaFault | null | undefined, places?: readonly AnsweredPlace[]) => void
  /** Resolves when the answers to all commits of these partitions are there. */
  settled(partitions: Iterable<number>): Promise<void>
}

export interface AnsweredPlace extends PartitionPlace {
  readonly offset?: number
}

interface UnderWay {
  readonly offset: number
  readonly late: NodeJS.Timeout
  resolve(): void
  reject(fault: KafkaFault): void
}

export function createCommits(topic: string, consumer: () => KafkaConsumer, answerWithinMs: number): Commits {
  const underWay = new Map<number, UnderWay>()
  const last = new Map<number, Promise<void>>()

  function send(partition: number, offset: number, note: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => end(partition, unanswered(answerWithinMs)), answerWithinMs)
      underWay.set(partition, { offset, late, resolve, reject })
      try {
        consumer().commit([{ topic, partition, offset, metadata: note }])
      } catch (error) {
        end(partition, error as KafkaFault)
      }
    })
  }

  function end(partition: number, fault: KafkaFault | null | undefined): void {
    const own = underWay.get(partition)
    if (own === undefined) return
    underWay.delete(partition)
    clearTimeout(own.late)
    if (fault) own.reject(fault)
    else own.resolve()
  }

  return {
    commit: (partition, offset, note) => {
      const mine = (last.get(partition) ?? Promise.resolve()).then(() => send(partition, offset, note))
      last.set(
        partition,
        mine.catch(() => undefined),
      )
      return mine
    },
    onAnswer: (fault, places = []) => {
      for (const { partition, offset } of places) {
        // The answer to one that was given up says nothing about the one behind it.
        if (offset === undefined || underWay.get(partition)?.offset === offset) end(partition, fault)
      }
      if (fault && places.length === 0) for (const partition of [...underWay.keys()]) end(partition, fault)
    },
    settled: async (partitions) => {
      await Promise.all([...partitions].map((partition) => last.get(partition)))
    },
  }
}

function unanswered(withinMs: number): KafkaFault {
  return Object.assign(new Error(`no answer within ${withinMs} ms`), { code: TIMED_OUT })
}
