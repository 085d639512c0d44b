/** How the log is connected to Kafka, and what that means in librdkafka's settings. */
import type { KafkaConfig } from './kafka-client.ts'

export interface KafkaTls {
  /** PEM files; default of `caFile`: the system's. */
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
}

export interface KafkaSasl {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly username: string
  readonly password: string
}

/** Who is reached and how; the same for edges, jobs and commands. */
export interface KafkaConnection {
  /** host:port; one that answers is enough to find the others. */
  readonly brokers: readonly string[]
  /** Null: no encryption. */
  readonly tls: KafkaTls | null
  /** Null: no sign-in. */
  readonly sasl: KafkaSasl | null
  /** Folder that has the client in its node_modules; default: see load-kafka-client.ts. */
  readonly clientDir?: string
}

export interface KafkaLogOptions extends KafkaConnection {
  readonly topic: string
  /** What the topic must have: a log whose number of partitions has changed is not opened. */
  readonly partitions: number
  /** Bytes that may wait for the brokers before appends are refused; default 64 MiB. */
  readonly maxQueuedBytes?: number
  /**
   * How long an append is tried before it is reported as unknown, in milliseconds; default 15,000. Longer than brokers
   * need to elect a leader (about 10 s after a crash), or each crash refuses events.
   */
  readonly deliveryTimeoutMs?: number
  /** Silence after which a member counts as dead, in milliseconds; default 10,000. Brokers bound it (6,000 as shipped). */
  readonly sessionTimeoutMs?: number
  /** How long one question to the brokers may take, in milliseconds; default 10,000. */
  readonly answerTimeoutMs?: number
  /** Told of what the client reports by itself, each text once a minute at most; default: nobody. */
  readonly onFault?: (text: string) => void
}

export type KafkaRules = Required<Omit<KafkaLogOptions, 'clientDir'>> & Pick<KafkaLogOptions, 'clientDir'>

export function kafkaRules(options: KafkaLogOptions): KafkaRules {
  return {
    maxQueuedBytes: 64 * 2 ** 20,
    deliveryTimeoutMs: 15_000,
    sessionTimeoutMs: 10_000,
    answerTimeoutMs: 10_000,
    ...options,
    onFault: oncePerMinute(options.onFault ?? (() => undefined)),
  }
}

/** An outage repeats its reports every second. */
function oncePerMinute(report: (text: string) => void): (text: string) => void {
  const saidAtMs = new Map<string, number>()
  return (text) => {
    const nowMs = Date.now()
    for (const [old, atMs] of saidAtMs) if (nowMs - atMs >= 60_000) saidAtMs.delete(old)
    if (saidAtMs.has(text)) return
    saidAtMs.set(text, nowMs)
    report(text)
  }
}

function connectionConfig({ brokers, tls, sasl }: KafkaConnection): KafkaConfig {
  return {
    'bootstrap.servers': brokers.join(','),
    'client.id': 'ecomind',
    'security.protocol': `${sasl === null ? '' : 'sasl_'}${tls === null ? 'plaintext' : 'ssl'}`,
    ...(sasl === null
      ? {}
      : { 'sasl.mechanisms': sasl.mechanism, 'sasl.username': sasl.username, 'sasl.password': sasl.password }),
    ...(tls?.caFile === undefined ? {} : { 'ssl.ca.location': tls.caFile }),
    ...(tls?.certFile === undefined ? {} : { 'ssl.certificate.location': tls.certFile }),
    ...(tls?.keyFile === undefined ? {} : { 'ssl.key.location': tls.keyFile }),
    'socket.keepalive.enable': true,
    'socket.nagle.disable': true,
    // A broker that comes back should be used again at once, not after the 10 s that the default grows to.
    'reconnect.backoff.max.ms': 1_000,
  }
}

export function adminConfig(connection: KafkaConnection): KafkaConfig {
  return connectionConfig(connection)
}

export function producerConfig(rules: KafkaRules): KafkaConfig {
  return {
    ...connectionConfig(rules),
    acks: -1,
    'enable.idempotence': true,
    // The edge has grouped already: a record waits for no other.
    'linger.ms': 0,
    'message.timeout.ms': rules.deliveryTimeoutMs,
    // The edge cuts at 900 KB at most and may go over by one event; topics are made for 2 MiB.
    'message.max.bytes': 2_000_000,
    // Bounded by us, in bytes and before the first record of a call is taken; these two only must not be smaller.
    'queue.buffering.max.kbytes': Math.ceil(rules.maxQueuedBytes / 1_024) + 2_048,
    'queue.buffering.max.messages': 1_000_000,
    dr_cb: true,
  }
}

export function memberConfig(rules: KafkaRules, group: string, callbacks: KafkaConfig): KafkaConfig {
  return {
    ...connectionConfig(rules),
    'group.id': group,
    // A rebalance takes away only what moves; the other partitions load on.
    'partition.assignment.strategy': 'cooperative-sticky',
    'session.timeout.ms': rules.sessionTimeoutMs,
    'heartbeat.interval.ms': Math.max(200, Math.floor(rules.sessionTimeoutMs / 5)),
    'enable.auto.commit': false,
    'enable.auto.offset.store': false,
    ...callbacks,
  }
}

export function fetcherConfig(rules: KafkaRules, queuedBytesMax: number, callbacks: KafkaConfig): KafkaConfig {
  return {
    ...connectionConfig(rules),
    // Only a name that librdkafka wants: nothing is joined and nothing committed under it.
    'group.id': 'ecomind-reader',
    'enable.auto.commit': false,
    'enable.auto.offset.store': false,
    'enable.partition.eof': true,
    'check.crcs': true,
    'fetch.wait.max.ms': 100,
    'fetch.message.max.bytes': Math.min(4 * 2 ** 20, queuedBytesMax),
    'queued.max.messages.kbytes': Math.ceil(queuedBytesMax / 1_024),
    // Of a second, the default: the partitions share the queue, and one that found it full got 200 records a second.
    'fetch.queue.backoff.ms': 10,
    ...callbacks,
  }
}
