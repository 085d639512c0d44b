/**
 * The reads of one member: two cursors for each partition, so that a look at another place (lag, what is in flight)
 * does not throw away what was fetched ahead for the loader. A read takes the cursor that stands where it begins, or
 * moves the one that was used longest ago.
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

const ignore = () => undefined

export async function openKafkaReader(client: KafkaClient, rules: KafkaRules): Promise<KafkaReader> {
  const main = await openFetcher(client, rules, MAIN)
  let aside: Promise<Fetcher> | null = null
  const lastUsed = new Map<number, Fetcher>()
  const turns = new Map<Fetcher, Map<number, Promise<unknown>>>()

  async function choose(partition: number, from: number): Promise<Fetcher> {
    const cursor = main.cursorOf(partition)
    if (cursor === undefined || (cursor.next === from && !cursor.busy)) return main
    aside ??= openFetcher(client, rules, ASIDE).catch((error: unknown) => {
      aside = null
      throw error
    })
    const second = await aside
    if (second.cursorOf(partition)?.next === from || cursor.busy) return second
    return lastUsed.get(partition) === main ? second : main
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
      const fetcher = await choose(partition, from)
      lastUsed.set(partition, fetcher)
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
