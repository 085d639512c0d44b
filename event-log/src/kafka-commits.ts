/**
 * Commits of one member. The client answers commits on one callback that names only the partition, so each partition has
 * at most one commit under way. (Its `commitCb` is no help: it calls back before the broker has answered.)
 */
import type { KafkaConsumer, KafkaFault, PartitionPlace } from './kafka-client.ts'

export interface Commits {
  /** Resolves when the broker has it. @throws KafkaFault */
  commit(partition: number, offset: number, note: string): Promise<void>
  /** For the client's `offset_commit_cb`. */
  readonly onAnswer: (fault: KafkaFault | null | undefined, places: readonly PartitionPlace[]) => void
  /** Resolves when the answers to all commits of these partitions are there. */
  settled(partitions: Iterable<number>): Promise<void>
}

interface UnderWay {
  resolve(): void
  reject(fault: KafkaFault): void
}

export function createCommits(topic: string, consumer: () => KafkaConsumer): Commits {
  const underWay = new Map<number, UnderWay>()
  const last = new Map<number, Promise<void>>()

  function send(partition: number, offset: number, note: string): Promise<void> {
    return new Promise((resolve, reject) => {
      underWay.set(partition, { resolve, reject })
      try {
        consumer().commit([{ topic, partition, offset, metadata: note }])
      } catch (error) {
        underWay.delete(partition)
        reject(error)
      }
    })
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
    onAnswer: (fault, places) => {
      for (const { partition } of places) {
        const waiting = underWay.get(partition)
        underWay.delete(partition)
        if (fault) waiting?.reject(fault)
        else waiting?.resolve()
      }
    },
    settled: async (partitions) => {
      await Promise.all([...partitions].map((partition) => last.get(partition)))
    },
  }
}
