/**
 * Who listens to what. One poller per view (organisation, zone, filters) serves all its clients. A new client first
 * gets the whole view, then only changes. A client that does not read is dropped: its browser comes back by itself and
 * gets the whole view again, which is also why Last-Event-ID needs no memory here.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { LiveMessage } from '@ecomind/schemas'
import type { Logger } from 'pino'
import { ApiError } from '../http/api-error.ts'
import type { OrgScope } from '../scope.ts'
import type { ReportBasis } from '../usage/usage-report.ts'
import { changesSince, type LiveView, takeSnapshot } from './live-snapshot.ts'

/** Where messages of one client go: the few parts of an HTTP answer that are used. */
export interface LiveSink {
  write(text: string): boolean
  end(): void
  destroy(): void
  /** Bytes written and not yet taken by the network. */
  readonly writableLength: number
}

export interface LiveHubOptions {
  readonly nowMs: () => number
  readonly basis: () => Promise<ReportBasis>
  readonly pollMs: number
  readonly connectionsMax: number
  readonly logger: Logger
}

/** Different views polled at once; each costs two questions a poll. */
const VIEWS_MAX = 40
/** Of views and of connections, so many may be of one organisation: the others always find room. */
const SHARE_OF_ONE = 0.8
/** Some proxies close a connection that is silent for 30 s. */
const HEARTBEAT_MS = 15_000
/** A client this far behind is dropped; one whole view is about 40 KiB. */
const BACKLOG_BYTES_MAX = 1_048_576
/** Milliseconds until a browser comes back after the connection broke. */
const RECONNECT_MS = 3000

interface Client {
  readonly sink: LiveSink
  readonly mayStay: () => Promise<boolean>
  /** The first message holds the whole view. Ids are this client's own: a common count would tell how much others hear. */
  messages: number
}

interface Topic {
  readonly scope: OrgScope
  readonly view: LiveView
  readonly clients: Set<Client>
  readonly stopped: AbortController
  last: LiveMessage | null
}

export class LiveHub {
  readonly #options: LiveHubOptions
  readonly #topics = new Map<string, Topic>()
  readonly #pollers = new Set<Promise<void>>()
  readonly #heartbeat: NodeJS.Timeout
  #connections = 0
  #checking: Promise<void> | null = null
  #closed = false

  constructor(options: LiveHubOptions) {
    this.#options = options
    this.#heartbeat = setInterval(() => {
      this.#beat()
      void this.check()
    }, HEARTBEAT_MS).unref()
  }

  get connections(): number {
    return this.#connections
  }

  /** @throws ApiError when no further client or view can be served; asked before the answer begins */
  admit(scope: OrgScope, view: LiveView): void {
    if (this.#closed) throw new ApiError('shutting_down', 'This process is stopping', { retryAfterSeconds: 3 })
    const own = [...this.#topics.values()].filter((t) => t.scope.orgId === scope.orgId)
    const full =
      isFull(
        this.#connections,
        own.reduce((sum, t) => sum + t.clients.size, 0),
        this.#options.connectionsMax,
      ) ||
      (!this.#topics.has(keyOf(scope, view)) && isFull(this.#topics.size, own.length, VIEWS_MAX))
    if (full) throw new ApiError('overloaded', 'Too many live connections; try again later', { retryAfterSeconds: 10 })
  }

  /**
   * Starts sending; the returned function ends it and may be called twice.
   * @param mayStay asked with each heartbeat: false ends the connection. It does not throw.
   */
  join(scope: OrgScope, view: LiveView, sink: LiveSink, mayStay: () => Promise<boolean>): () => void {
    this.admit(scope, view)
    const key = keyOf(scope, view)
    const client: Client = { sink, mayStay, messages: 0 }
    this.#connections++
    sink.write(`retry: ${RECONNECT_MS}\n\n`)
    const topic = this.#topics.get(key) ?? this.#startTopic(key, scope, view)
    topic.clients.add(client)
    if (topic.last !== null) this.#send(topic, client, topic.last)
    return () => this.#leave(key, topic, client)
  }

  /** Ends the connections of those who may not see their view any more: a key that was revoked, a role that was taken. */
  async check(): Promise<void> {
    this.#checking ??= this.#checkEach().finally(() => {
      this.#checking = null
    })
    await this.#checking
  }

  /** Ends every connection and waits for the questions under way. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#heartbeat)
    for (const [key, topic] of this.#topics) {
      for (const client of [...topic.clients]) {
        client.sink.end()
        this.#leave(key, topic, client)
      }
    }
    await Promise.all([...this.#pollers, this.#checking])
  }

  #startTopic(key: string, scope: OrgScope, view: LiveView): Topic {
    const topic: Topic = { scope, view, clients: new Set(), stopped: new AbortController(), last: null }
    this.#topics.set(key, topic)
    const poller = this.#poll(topic).finally(() => this.#pollers.delete(poller))
    this.#pollers.add(poller)
    return topic
  }

  #leave(key: string, topic: Topic, client: Client): void {
    if (!topic.clients.delete(client)) return
    this.#connections--
    if (topic.clients.size > 0) return
    topic.stopped.abort()
    if (this.#topics.get(key) === topic) this.#topics.delete(key)
  }

  async #poll(topic: Topic): Promise<void> {
    const { signal } = topic.stopped
    while (!signal.aborted) {
      try {
        const now = await takeSnapshot(topic.scope, await this.#options.basis(), topic.view, this.#options.nowMs())
        this.#publish(topic, now)
      } catch (error) {
        // The next poll asks again; clients see heartbeats meanwhile and keep their last values.
        this.#options.logger.warn({ err: error }, 'live: the database gave no answer')
      }
      await sleep(this.#options.pollMs, undefined, { signal }).catch(() => undefined)
    }
  }

  #publish(topic: Topic, now: LiveMessage): void {
    const changes = topic.last === null ? now : changesSince(topic.last, now)
    topic.last = now
    for (const client of [...topic.clients]) {
      if (client.messages === 0) this.#send(topic, client, now)
      else if (changes !== null) this.#send(topic, client, changes)
    }
  }

  #send(topic: Topic, client: Client, message: LiveMessage): void {
    client.messages++
    this.#write(topic, client, `id: ${client.messages}\nevent: usage\ndata: ${JSON.stringify(message)}\n\n`)
  }

  #beat(): void {
    for (const topic of this.#topics.values()) {
      for (const client of [...topic.clients]) this.#write(topic, client, ': heartbeat\n\n')
    }
  }

  /** One after the other: nobody waits for it, and the control store has other work. */
  async #checkEach(): Promise<void> {
    for (const [key, topic] of [...this.#topics]) {
      for (const client of [...topic.clients]) {
        if (this.#closed || (await client.mayStay())) continue
        client.sink.end()
        this.#leave(key, topic, client)
      }
    }
  }

  #write(topic: Topic, client: Client, text: string): void {
    client.sink.write(text)
    if (client.sink.writableLength <= BACKLOG_BYTES_MAX) return
    this.#options.logger.info({ backlogBytes: client.sink.writableLength }, 'live: dropped a client that does not read')
    client.sink.destroy()
    this.#leave(keyOf(topic.scope, topic.view), topic, client)
  }
}

const isFull = (all: number, own: number, max: number): boolean => all >= max || own >= Math.ceil(max * SHARE_OF_ONE)

function keyOf(scope: OrgScope, { tz, filters }: LiveView): string {
  const conditions = filters.map((f) => [f.field, f.keep, f.value].join('\n')).sort()
  return JSON.stringify([scope.orgId, scope.view, tz, conditions])
}
