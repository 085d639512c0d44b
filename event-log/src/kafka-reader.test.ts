import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Answer, KafkaClient, KafkaMessage, PlaceWithOffset } from './kafka-client.ts'
import type { KafkaRules } from './kafka-options.ts'
import { type KafkaReader, openKafkaReader } from './kafka-reader.ts'

const RECORDS = 5_000
const rules = {
  topic: 't',
  brokers: ['b'],
  tls: null,
  sasl: null,
  answerTimeoutMs: 10_000,
  onFault: () => undefined,
} as unknown as KafkaRules
const batch = { maxRecords: 2_000, maxBytes: 1e9, waitMs: 0 }
const aRecord = { maxRecords: 1, maxBytes: 1, waitMs: 0 }
const aFew = { maxRecords: 200, maxBytes: 4e6, waitMs: 0 }

let consumers: FakeConsumer[]
let reader: KafkaReader
beforeEach(async () => {
  consumers = []
  reader = await openKafkaReader({ KafkaConsumer: FakeConsumer } as unknown as KafkaClient, rules)
})
afterEach(async () => await reader.close())

/** One partition that gives what is asked for at once. */
class FakeConsumer {
  readonly placedAt: number[] = []
  #next = 0
  constructor() {
    consumers.push(this)
  }
  connect = (_: unknown, answer: Answer<null>) => answer(null, null)
  disconnect = (answer: Answer<null>) => answer(null, null)
  on = () => undefined
  pause = () => undefined
  resume = () => undefined
  setDefaultConsumeTimeout = () => undefined
  incrementalUnassign = () => undefined
  incrementalAssign([place]: readonly PlaceWithOffset[]) {
    this.#next = place?.offset ?? 0
    this.placedAt.push(this.#next)
  }
  consume(count: number, answer: Answer<readonly KafkaMessage[]>) {
    const messages = Array.from({ length: Math.min(count, RECORDS - this.#next) }, (_, i) => {
      return { topic: 't', partition: 0, offset: this.#next + i, timestamp: 1, value: Buffer.from('r') }
    })
    this.#next += messages.length
    answer(null, messages)
  }
}

const read = async (from: number, options: typeof batch): Promise<readonly number[]> =>
  (await reader.read(0, from, options, () => false)).map(({ offset }) => offset)
const places = () => consumers.map(({ placedAt }) => placedAt)

test('batches go on where the last one ended, without being placed anew', async () => {
  const first = await read(0, batch)
  expect(first).toEqual(Array.from({ length: 2_000 }, (_, i) => i))
  expect((await read(2_000, batch))[0]).toBe(2_000)
  expect(places()).toEqual([[0]])
})

test('a look at the record where the batches stand takes it from the other cursor', async () => {
  await read(0, batch)
  for (let look = 0; look < 3; look++) expect(await read(2_000, aRecord)).toEqual([2_000])
  expect((await read(2_000, batch))[0]).toBe(2_000)
  expect(places()[0]).toEqual([0])
})

test('neither do some records at another place move the batches', async () => {
  await read(0, batch)
  await read(10, aRecord)
  expect((await read(50, aFew))[0]).toBe(50)
  expect((await read(250, aFew))[0]).toBe(250)
  expect((await read(2_000, batch))[0]).toBe(2_000)
  expect(places()[0]).toEqual([0])
})

test('a batch at another place moves the cursor that fetches ahead, also when something else was read since', async () => {
  await read(0, batch)
  await read(30, aRecord)
  expect((await read(100, batch))[0]).toBe(100)
  expect(places()[0]).toEqual([0, 100])
})
