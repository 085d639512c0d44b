/**
 * Traffic of several clients at once, as real clients make it: single events and batches in every body shape, plain
 * and gzipped, retries with the same ids, and deliberate duplicates: within one request, of a request just sent, and
 * of events from long ago, in another order and mixed with new ones. Now and then a known id comes with other content.
 */
import { createEventMaker, type EventMakerOptions } from './event-maker.ts'
import { BODY_SHAPES, type BodyShape, createIngestClient, type IngestRequest } from './ingest-client.ts'
import type { Ledger, SentEvent } from './ledger.ts'
import type { Random } from './random.ts'
import { pause } from './wait-for.ts'

export interface TrafficOptions {
  readonly edgeUrl: string | (() => string)
  readonly ledger: Ledger
  readonly random: Random
  readonly clients: number
  readonly nowMs: number
  /** How many days back events may be; see event-maker.ts. */
  readonly daysBack?: number
  /** Longest pause of a client between two requests, in milliseconds; default 30. */
  readonly pauseMsMax?: number
  /** How long a client waits for an answer before it sends again; see ingest-client.ts. */
  readonly timeoutMs?: number
  /** Default: event-maker.ts. `idPrefix` keeps the clients apart. */
  readonly createMaker?: (options: EventMakerOptions) => () => SentEvent
}

export interface Traffic {
  /** Ends the making of new requests and waits until every request under way is answered 202. @throws its failure */
  finish(): Promise<void>
  retries(): Readonly<Record<string, number>>
  /** The first failure that a retry can't mend, or null. */
  failure(): Error | null
}

export function startTraffic(options: TrafficOptions): Traffic {
  let finishing = false
  let failure: Error | null = null
  const client = createIngestClient({
    edgeUrl: options.edgeUrl,
    ledger: options.ledger,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  })
  const createMaker = options.createMaker ?? createEventMaker
  const run = async (index: number): Promise<void> => {
    const random = options.random.fork(`client-${index}`)
    const make = createMaker({
      random,
      nowMs: options.nowMs,
      idPrefix: `e${options.random.seed}-c${index}`,
      ...(options.daysBack === undefined ? {} : { daysBack: options.daysBack }),
    })
    while (!finishing && failure === null) {
      await client.send(nextRequest(random, make, options.ledger))
      // Clients that never pause would only make the runs of a slow machine larger, not harder.
      await pause(random.integer(0, options.pauseMsMax ?? PAUSE_MS_MAX))
    }
  }
  const clients = Array.from({ length: options.clients }, (_, index) =>
    run(index).catch((error: unknown) => {
      failure ??= error instanceof Error ? error : new Error(String(error))
    }),
  )
  return {
    retries: client.retries,
    failure: () => failure,
    finish: async () => {
      finishing = true
      await Promise.all(clients)
      client.close()
      if (failure !== null) throw failure
    },
  }
}

const PAUSE_MS_MAX = 30
const MAX_BATCH = 16

export function nextRequest(random: Random, make: () => SentEvent, ledger: Ledger): IngestRequest {
  const shape: BodyShape = random.pick(BODY_SHAPES)
  const gzip = random.chance(0.2)
  if (shape === 'single')
    return { events: [random.chance(0.1) ? (old(random, ledger) ?? make()) : make()], shape, gzip }
  const events = Array.from({ length: random.integer(1, MAX_BATCH) }, make)
  if (random.chance(0.3)) events.push(...Array.from({ length: random.integer(1, 3) }, () => random.pick(events)))
  if (random.chance(0.3)) {
    for (let i = random.integer(1, 10); i > 0; i--) {
      const again = old(random, ledger)
      if (again !== null) events.push(again)
    }
  }
  if (random.chance(0.05)) {
    const original = old(random, ledger)
    if (original !== null) events.push({ ...original, tokens_out: original.tokens_out + 1 })
  }
  return { events: random.chance(0.5) ? random.shuffled(events) : events, shape, gzip }
}

/** An event that was acknowledged before, a recent one more often than not; null when there is none yet. */
function old(random: Random, ledger: Ledger): SentEvent | null {
  const count = ledger.acknowledgedEvents()
  if (count === 0) return null
  const recent = random.chance(0.6) ? Math.max(0, count - 200) : 0
  return ledger.acknowledgedAt(random.integer(recent, count - 1))
}
