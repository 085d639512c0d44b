/**
 * The reads of one member: two cursors for each partition, so that a look at another place (lag, what is in flight)
 * does not throw away what was fetched ahead for the loader. Batches are read from the one that fetches ahead, wherever
 * they begin; the rest from it only where it stands, and what wants a single record never: the loader would find it moved
 * on and read from the other one, 2 MiB at a time, for as long as the looks fell so.
 */
import type { ReadOptions, StoredRecord } from './event-log.ts'
import type { KafkaClient } from './kafka-client.ts'
import { type Fetcher, openFetcher } from './kafka-fetcher.ts'
import type { KafkaRules } from './kafka-options.ts'

export interface KafkaReader {
  read(partition: number, from: number, options: ReadOptions, over: () => boolean): Promise<readonly StoredRecord[]>
  wake(): void
  forget(partition: number): void
  close(): Promise<void>
}

const MAIN = { queuedBytesMax: 32 * 2 ** 20, bufferedBytesMax: 64 * 2 ** 20, fetchesAhead: true }
const ASIDE = { queuedBytesMax: 2 * 2 ** 20, bufferedBytesMax: 2 * 2 ** 20, fetchesAhead: false }

/** Of at least so many records is a read of a batch. */
const BATCH_FROM_RECORDS = 1_000

const ignore = () => undefined

export async function openKafkaReader(client: KafkaClient, rules: KafkaRules): Promise<KafkaReader> {
  const main = await openFetcher(client, rules, MAIN)
  let aside: Promise<Fetcher> | null = null
  const turns = new Map<Fetcher, Map<number, Promise<unknown>>>()

  async function choose(partition: number, from: number, { maxRecords }: ReadOptions): Promise<Fetcher> {
    const cursor = main.cursorOf(partition)
    if (cursor === undefined) return main
    const goesOn = cursor.next === from && maxRecords > 1
    if (!cursor.busy && (goesOn || maxRecords >= BATCH_FROM_RECORDS)) return main
    aside ??= openFetcher(client, rules, ASIDE).catch((error: unknown) => {
      aside = null
      throw error
    })
    return await aside
  }

  /** One after the other on the same cursor. */
  function inTurn<T>(fetcher: Fetcher, partition: number, work: () => Promise<T>): Promise<T> {
    const ofFetcher = turns.get(fetcher) ?? new Map<number, Promise<unknown>>()
    turns.set(fetcher, ofFetcher)
    const before = ofFetcher.get(partition) ?? Promise.resolve()
    const mine = before.then(work, work)
    ofFetcher.set(partition, mine.catch(ignore))
    return mine
  }

  return {
    read: async (partition, from, options, over) => {
      const fetcher = await choose(partition, from, options)
      return inTurn(fetcher, partition, () => fetcher.read(partition, from, options, over))
    },
    wake: () => {
      main.wake()
      void aside?.then((fetcher) => fetcher.wake(), ignore)
    },
    forget: (partition) => {
      main.forget(partition)
      void aside?.then((fetcher) => fetcher.forget(partition), ignore)
    },
    close: async () => {
      await main.close()
      await aside?.then((fetcher) => fetcher.close(), ignore)
    },
  }
}
