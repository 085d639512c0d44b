/**
 * The three questions that the doctor has for a broker, in Kafka's own protocol over plain TCP: it must work where the
 * client's native addon is not installed, and that client can't ask for the settings of a topic.
 * Layouts: https://kafka.apache.org/protocol (ApiVersions 0, Metadata 1, DescribeConfigs 1), looked up 2026-11-25.
 */
import { askTcp } from './ask-tcp.ts'

export interface Broker {
  readonly host: string
  readonly port: number
}

export interface TopicPartition {
  readonly partition: number
  /** -1: none. */
  readonly leader: number
  readonly replicas: number
  readonly inSync: number
}

const API_VERSIONS = 18
const METADATA = 3
const DESCRIBE_CONFIGS = 32
const TOPIC_RESOURCE = 2
const CORRELATION = 7
const ANSWER_BYTES_MAX = 16 * 2 ** 20

/** Resolves when a Kafka broker answers; that is allowed before signing in. @throws Error, NoAnswerError */
export async function askVersions(broker: Broker, withinMs: number): Promise<void> {
  await ask(broker, API_VERSIONS, 0, Buffer.alloc(0), withinMs)
}

/** Null when the topic is not there. @throws Error, NoAnswerError */
export async function askPartitions(
  broker: Broker,
  topic: string,
  withinMs: number,
): Promise<readonly TopicPartition[] | null> {
  const read = await ask(broker, METADATA, 1, Buffer.concat([int32(1), text(topic)]), withinMs)
  read.list(() => [read.int32(), read.text(), read.int32(), read.text()])
  read.int32()
  const [found] = read.list(() => {
    const error = read.int16()
    read.text()
    read.int8()
    const partitions = read.list(() => {
      read.int16()
      const partition = read.int32()
      const leader = read.int32()
      const replicas = read.list(() => read.int32()).length
      return { partition, leader, replicas, inSync: read.list(() => read.int32()).length }
    })
    return { error, partitions }
  })
  if (found === undefined) return null
  // 3: unknown topic. Others (no leader, …) show in the partitions.
  return found.error === 3 ? null : found.partitions
}

/** The topic's settings, defaults of the broker included. @throws Error, NoAnswerError */
export async function askTopicConfig(
  broker: Broker,
  topic: string,
  withinMs: number,
): Promise<ReadonlyMap<string, string>> {
  const allNames = int32(-1)
  const body = Buffer.concat([int32(1), Buffer.of(TOPIC_RESOURCE), text(topic), allNames, Buffer.of(0)])
  const read = await ask(broker, DESCRIBE_CONFIGS, 1, body, withinMs)
  read.int32()
  const [resource] = read.list(() => {
    const error = read.int16()
    const message = read.text()
    read.int8()
    read.text()
    const entries = read.list((): [string, string] => {
      const entry: [string, string] = [read.text() ?? '', read.text() ?? '']
      read.int8() // read only
      read.int8() // where it comes from
      read.int8() // sensitive
      read.list(() => [read.text(), read.text(), read.int8()])
      return entry
    })
    return { error, message, entries }
  })
  if (resource === undefined || resource.error !== 0) {
    throw new Error(`the broker does not tell the topic's settings: ${resource?.message ?? `code ${resource?.error}`}`)
  }
  return new Map(resource.entries)
}

async function ask(broker: Broker, api: number, version: number, body: Buffer, withinMs: number): Promise<Reader> {
  const head = Buffer.concat([int16(api), int16(version), int32(CORRELATION), text('ecomind-doctor')])
  const send = Buffer.concat([int32(head.length + body.length), head, body])
  const isWhole = (bytes: Buffer) => {
    if (bytes.length < 4) return false
    const length = bytes.readInt32BE(0)
    // A stranger's answer (HTTP, TLS) read as a length is huge.
    if (length < 4 || length > ANSWER_BYTES_MAX) return true
    return bytes.length >= 4 + length
  }
  const answer = await askTcp({ ...broker, send, isWhole, withinMs })
  if (answer.length < 8 || answer.readInt32BE(4) !== CORRELATION)
    throw new Error("what answers there doesn't speak Kafka")
  return new Reader(answer.subarray(8))
}

class Reader {
  readonly #bytes: Buffer
  #at = 0
  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }
  int8(): number {
    return this.#bytes.readInt8(this.#move(1))
  }
  int16(): number {
    return this.#bytes.readInt16BE(this.#move(2))
  }
  int32(): number {
    return this.#bytes.readInt32BE(this.#move(4))
  }
  text(): string | null {
    const length = this.int16()
    if (length < 0) return null
    const from = this.#move(length)
    return this.#bytes.toString('utf8', from, from + length)
  }
  list<T>(item: () => T): T[] {
    return Array.from({ length: Math.max(0, this.int32()) }, item)
  }
  #move(bytes: number): number {
    const from = this.#at
    this.#at += bytes
    return from
  }
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

const text = (value: string): Buffer => Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)])
