/**
 * Keeps the day's counts over a restart. Written every five seconds and at the end: an edge that is killed forgets what
 * it took since, so a quota may be passed by that much.
 */
import { readStateFile, writeStateFile } from '@ecomind/event-log'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { Accounts } from './accounts.ts'
import { dayOf } from './day-count.ts'

const WRITE_MS = 5000

const shape = z.object({
  /** Days since 1970, UTC. */
  day: z.number().int(),
  /** Events by name of account. */
  events: z.record(z.string(), z.number().int().nonnegative()),
})

export interface DayFileOptions {
  readonly file: string
  readonly accounts: Accounts
  readonly logger: Logger
  readonly nowMs: () => number
}

export class DayFile {
  readonly #options: DayFileOptions
  #recalled: ReadonlyMap<string, number> = new Map()
  #recalledDay = -1
  #timer: NodeJS.Timeout | null = null
  #turn: Promise<void> = Promise.resolve()
  #written = ''

  constructor(options: DayFileOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const { file, logger } = this.#options
    try {
      const text = await readStateFile(file)
      const parsed = text === null ? null : shape.parse(JSON.parse(text))
      if (parsed !== null) {
        this.#recalled = new Map(Object.entries(parsed.events))
        this.#recalledDay = parsed.day
      }
    } catch {
      logger.warn({ file }, 'the events of this day that were counted before are not known: the file can not be read')
    }
    this.#timer = setInterval(() => {
      this.#turn = this.#turn.then(() => this.#write())
    }, WRITE_MS)
    this.#timer.unref()
  }

  /** What was counted before this start, once for each account that is there now; call it after the accounts changed. */
  recall(): void {
    for (const [name, events] of this.#recalled) {
      const count = this.#options.accounts.find(name)?.count
      if (count === undefined || count === null) continue
      count.recall(events, this.#recalledDay)
    }
    this.#recalled = new Map([...this.#recalled].filter(([name]) => this.#options.accounts.find(name)?.count == null))
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.#turn
    await this.#write()
  }

  async #write(): Promise<void> {
    const { file, accounts, nowMs, logger } = this.#options
    const now = nowMs()
    const counted = [...accounts.all()].flatMap(({ name, count }) => {
      const events = count?.eventsAt(now) ?? 0
      return events === 0 ? [] : [[name, events] as const]
    })
    // Those of keys that this process has not heard of yet.
    const unknown = this.#recalledDay === dayOf(now) ? this.#recalled : []
    const text = JSON.stringify({ day: dayOf(now), events: Object.fromEntries([...unknown, ...counted]) })
    if (text === this.#written) return
    try {
      await writeStateFile(file, text)
      this.#written = text
    } catch (error) {
      logger.warn({ file, fault: (error as Error).message }, 'the events of this day could not be kept on disk')
    }
  }
}
