/**
 * Reads of personal data and refusals, for the audit trail, without a write per request: what one actor does at one
 * endpoint to one subject is told twice an hour at most, at once and, with the count of repeats, when the hour is over.
 * Nobody waits for it: while the control store is away, notes stay in memory, up to a bound, and are written later.
 */
import type { Logger } from 'pino'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Database } from '../database/database.ts'
import type { Doer } from './doer.ts'
import { recordAudit } from './record-audit.ts'

export interface Note {
  readonly orgId: string
  readonly doer: Doer
  readonly action: string
  readonly outcome: 'done' | 'refused'
  /** Such as `GET /v1/events`. */
  readonly endpoint: string
  /** Whose data, or which thing, where the request says it; null: of many. */
  readonly subject: string | null
}

interface Kept extends Note {
  readonly key: string
  /** Full hours since the epoch. */
  readonly hour: number
  isTold: boolean
  count: number
  lastAt: Date
}

export interface NotesOptions {
  readonly database: Database
  readonly logger: Logger
  readonly registry: Registry
  readonly nowMs: () => number
}

const HOUR_MS = 3_600_000
/** Between a note and its entry; after a failure. */
const WRITE_DELAY_MS = 500
const RETRY_MS = 5_000
/** Over all organisations; more are counted as lost. */
const KEPT_MAX = 10_000
/** Subjects an hour of one actor at one endpoint; the others are told together. */
const SUBJECTS_MAX = 50
const WRITTEN_AT_ONCE = 100

export class Notes {
  readonly #options: NotesOptions
  readonly #kept = new Map<string, Kept>()
  readonly #subjects = new Map<string, number>()
  readonly #lost: Counter
  #timer: NodeJS.Timeout | null = null
  #writing: Promise<void> = Promise.resolve()

  constructor(options: NotesOptions) {
    this.#options = options
    const { registry } = options
    this.#lost = new Counter({
      name: 'ecomind_api_audit_notes_lost_total',
      help: 'Reads and refusals that the audit trail could not be told of, because too many waited for the control store',
      registers: [registry],
    })
    const waiting = () => [...this.#kept.values()].filter((note) => note.count > 0).length
    new Gauge({
      name: 'ecomind_api_audit_notes_waiting',
      help: 'Reads and refusals that the audit trail will be told of',
      registers: [registry],
      collect() {
        this.set(waiting())
      },
    })
  }

  /** Never throws and never waits. */
  take(note: Note): void {
    const hour = Math.floor(note.doer.at.getTime() / HOUR_MS)
    const kept = this.#find(note, hour)
    if (kept === null) {
      this.#lost.inc()
      return
    }
    kept.count += 1
    kept.lastAt = note.doer.at
    if (!kept.isTold) this.#schedule(WRITE_DELAY_MS)
  }

  /** Writes what is due; after a failure it is tried again by itself. */
  async write(): Promise<void> {
    const next = this.#writing.then(() => this.#writeDue(false))
    this.#writing = next
    await next
  }

  /** Writes all there is, also of this hour. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#writing
    await this.#writeDue(true)
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #find(note: Note, hour: number): Kept | null {
    const group = JSON.stringify([hour, note.orgId, note.doer.actor, note.endpoint, note.outcome])
    const keyOf = (subject: string | null) => `${group}${subject ?? ''}`
    const known = this.#kept.get(keyOf(note.subject))
    if (known !== undefined) return known
    const subjects = this.#subjects.get(group) ?? 0
    const subject = subjects < SUBJECTS_MAX ? note.subject : null
    const key = keyOf(subject)
    const shared = this.#kept.get(key)
    if (shared !== undefined) return shared
    if (this.#kept.size >= KEPT_MAX) return null
    const kept: Kept = { ...note, subject, key, hour, isTold: false, count: 0, lastAt: note.doer.at }
    this.#kept.set(key, kept)
    this.#subjects.set(group, subjects + 1)
    return kept
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== null) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.write()
    }, delayMs)
    this.#timer.unref()
  }

  async #writeDue(all: boolean): Promise<void> {
    const { database, logger } = this.#options
    const hour = Math.floor(this.#options.nowMs() / HOUR_MS)
    try {
      const due = [...this.#kept.values()].filter((n) => n.count > 0 && (all || !n.isTold || n.hour < hour))
      for (let i = 0; i < due.length; i += WRITTEN_AT_ONCE) {
        const some = due.slice(i, i + WRITTEN_AT_ONCE).map((note) => ({ note, count: note.count }))
        await database.transaction(async (queries) => {
          for (const { note, count } of some) await recordAudit(queries, note.doer, actionOf(note, count))
        })
        for (const { note, count } of some) {
          note.isTold = true
          note.count -= count
        }
      }
      this.#forget(hour)
    } catch (err) {
      logger.warn({ err }, 'reads and refusals wait for the control store to be written into the audit trail')
      this.#schedule(RETRY_MS)
    }
  }

  #forget(hour: number): void {
    for (const [key, note] of this.#kept) if (note.hour < hour && note.count === 0) this.#kept.delete(key)
    for (const group of this.#subjects.keys()) if (Number(JSON.parse(group)[0]) < hour) this.#subjects.delete(group)
  }
}

function actionOf({ orgId, action, outcome, endpoint, subject, isTold, lastAt }: Kept, count: number) {
  const after = {
    count,
    last_at: lastAt.toISOString(),
    ...(subject === null ? {} : { subject }),
    ...(isTold ? { repeats: true } : {}),
  }
  return { orgId, action, outcome, resourceType: 'endpoint', resourceId: endpoint, before: null, after } as const
}
