/** As much of a Kafka broker as the doctor asks for: versions, one topic's partitions, its settings. */
import { tcpServer } from './small-servers.ts'

export interface BrokerTopic {
  /** Per partition: leader, number of replicas, number in sync. */
  readonly partitions: readonly (readonly [number, number, number])[]
  readonly config: Readonly<Record<string, string>>
}

/** Null: the topic is not there. */
export function kafkaBroker(topic: BrokerTopic | null): Promise<number> {
  return tcpServer((bytes) => {
    if (bytes.length < 4 || bytes.length < 4 + bytes.readInt32BE(0)) return null
    const api = bytes.readInt16BE(4)
    const correlation = bytes.subarray(8, 12)
    const body = api === 18 ? versions() : api === 3 ? metadata(topic) : configs(topic)
    return Buffer.concat([int32(4 + body.length), correlation, body])
  })
}

const versions = (): Buffer => Buffer.concat([int16(0), int32(1), int16(18), int16(0), int16(4)])

function metadata(topic: BrokerTopic | null): Buffer {
  const brokers = list([Buffer.concat([int32(1), text('127.0.0.1'), int32(9092), int16(-1)])])
  const parts = (topic?.partitions ?? []).map(([leader, replicas, inSync], partition) => {
    const ids = (count: number) => list(Array.from({ length: count }, (_, i) => int32(i + 1)))
    return Buffer.concat([int16(0), int32(partition), int32(leader), ids(replicas), ids(inSync)])
  })
  const described = Buffer.concat([int16(topic === null ? 3 : 0), text('any'), Buffer.of(0), list(parts)])
  return Buffer.concat([brokers, int32(1), list([described])])
}

function configs(topic: BrokerTopic | null): Buffer {
  const entries = Object.entries(topic?.config ?? {}).map(([name, value]) => {
    const synonym = Buffer.concat([text(name), text(value), Buffer.of(5)])
    return Buffer.concat([text(name), text(value), Buffer.of(0, 5, 0), list([synonym])])
  })
  return Buffer.concat([
    int32(0),
    list([Buffer.concat([int16(0), int16(-1), Buffer.of(2), text('any'), list(entries)])]),
  ])
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
const list = (items: readonly Buffer[]): Buffer => Buffer.concat([int32(items.length), ...items])
