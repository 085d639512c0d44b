/**
 * What the log uses of @confluentinc/kafka-javascript (its node-rdkafka side), written down here because the package is
 * optional and its own types are often not installed. Settings are librdkafka's (its CONFIGURATION.md).
 */
export interface KafkaFault extends Error {
  /** librdkafka's: negative ones are the client's own, the others the broker's. */
  readonly code: number
}

export type Answer<T> = (error: KafkaFault | null | undefined, result: T) => void

export interface PartitionPlace {
  readonly topic: string
  readonly partition: number
}

export interface PlaceWithOffset extends PartitionPlace {
  readonly offset: number
}

/** No offset: nothing was committed. */
export interface CommittedPlace extends PartitionPlace {
  readonly offset?: number
  readonly metadata?: string
}

export interface KafkaMessage extends PlaceWithOffset {
  /** Null for a value of 0 bytes. */
  readonly value: Buffer | null
  /** Epoch milliseconds. */
  readonly timestamp?: number
}

export interface DeliveryReport {
  readonly offset: number
  readonly opaque: unknown
}

export type KafkaConfig = Readonly<Record<string, unknown>>

interface KafkaBase {
  connect(options: { readonly timeout: number }, answer: Answer<unknown>): unknown
  disconnect(answer: Answer<unknown>): unknown
  on(event: 'event.error', listener: (fault: KafkaFault) => void): unknown
  queryWatermarkOffsets(
    topic: string,
    partition: number,
    timeoutMs: number,
    answer: Answer<{ readonly lowOffset: number; readonly highOffset: number }>,
  ): unknown
}

export interface KafkaProducer extends KafkaBase {
  /** Copies the value. @throws KafkaFault when the queue is full or the client has ended */
  produce(topic: string, partition: number, value: Buffer, key: null, timestampMs: number, opaque: unknown): unknown
  /** Only once it is connected: before, the addon crashes. */
  setPollInBackground(on: boolean): unknown
  on(event: 'event.error', listener: (fault: KafkaFault) => void): unknown
  on(event: 'delivery-report', listener: (fault: KafkaFault | null, report: DeliveryReport) => void): unknown
}

export interface KafkaConsumer extends KafkaBase {
  subscribe(topics: readonly string[]): unknown
  consume(count: number, answer: Answer<readonly KafkaMessage[]>): void
  setDefaultConsumeTimeout(timeoutMs: number): void
  /** Returns at once; the outcome comes to `offset_commit_cb`. */
  commit(places: readonly (PlaceWithOffset & { readonly metadata: string })[]): unknown
  committed(places: readonly PartitionPlace[], timeoutMs: number, answer: Answer<readonly CommittedPlace[]>): unknown
  incrementalAssign(places: readonly (PartitionPlace & { readonly offset: number | 'end' })[]): unknown
  incrementalUnassign(places: readonly PartitionPlace[]): unknown
  pause(places: readonly PartitionPlace[]): unknown
  resume(places: readonly PartitionPlace[]): unknown
  assignmentLost(): boolean
  on(event: 'event.error', listener: (fault: KafkaFault) => void): unknown
  on(event: 'partition.eof', listener: (end: PlaceWithOffset) => void): unknown
}

export interface TopicDescription {
  readonly topicId: { readonly mostSignificantBits: bigint; readonly leastSignificantBits: bigint }
  readonly partitions: readonly {
    readonly partition: number
    readonly leader: unknown
    readonly replicas: readonly unknown[]
    /** Those of the replicas that are in step. */
    readonly isr: readonly unknown[]
  }[]
  readonly error?: KafkaFault
}

export interface KafkaAdmin {
  disconnect(): void
  createTopic(
    topic: {
      readonly topic: string
      readonly num_partitions: number
      readonly replication_factor: number
      readonly config: Readonly<Record<string, string>>
    },
    timeoutMs: number,
    answer: Answer<void>,
  ): void
  deleteTopic(topic: string, timeoutMs: number, answer: Answer<void>): void
  /** Drops what lies before these offsets, as retention does. */
  deleteRecords(
    places: readonly PlaceWithOffset[],
    options: { readonly timeout: number },
    answer: Answer<unknown>,
  ): void
  describeTopics(
    topics: readonly string[],
    options: { readonly timeout: number },
    answer: Answer<readonly TopicDescription[]>,
  ): void
  listOffsets(
    places: readonly (PartitionPlace & { readonly offset: { readonly timestamp: number } })[],
    options: { readonly timeout: number },
    answer: Answer<readonly (PlaceWithOffset & { readonly error?: KafkaFault })[]>,
  ): void
}

export interface KafkaClient {
  readonly Producer: new (config: KafkaConfig) => KafkaProducer
  readonly KafkaConsumer: new (config: KafkaConfig, topicConfig: KafkaConfig) => KafkaConsumer
  readonly AdminClient: {
    create(config: KafkaConfig, on?: Readonly<Record<string, (fault: KafkaFault) => void>>): KafkaAdmin
    createFrom(client: KafkaProducer): KafkaAdmin
  }
}

/** The callback style of the package as a promise. */
export function answered<T>(ask: (answer: Answer<T>) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    ask((error, result) => {
      if (error) reject(error)
      else resolve(result)
    })
  })
}
