/**
 * Follows the keys of the control plane: asks again when it has an answer, which waits a second for news; keeps the newest
 * signed snapshot on disk, starts from it, and goes on with it for as long as the control plane is away. What has a wrong
 * signature or is older than what is known is never taken.
 */
import { readStateFile, writeStateFile } from '@ecomind/event-log'
import { type KeyRing, type KeySnapshot, openKeySnapshot } from '@ecomind/schemas/keys'
import type { Logger } from 'pino'
import type { ControlPlane } from './control-plane.ts'
import type { KeyUse } from './key-book.ts'

export interface FollowOptions {
  readonly ring: KeyRing
  readonly controlPlane: ControlPlane
  /** Where the newest snapshot is kept. */
  readonly file: string
  readonly onSnapshot: (snapshot: KeySnapshot) => void
  /** Keys that were used at or after a time, epoch milliseconds. */
  readonly usesSince: (ms: number) => KeyUse[]
  readonly logger: Logger
  readonly nowMs: () => number
  /** Least time between two questions without news, in milliseconds; default 1,000. */
  readonly pollMs?: number
}

export interface KeysState {
  /** Null before there is any snapshot. */
  readonly revision: number | null
  /** Epoch milliseconds of the last answer of the control plane that could be used; null: none since the start. */
  readonly heardAtMs: number | null
  /** Why the last question failed; null when it did not. */
  readonly fault: string | null
}

const POLL_MS = 1000
/** An edge tells at most so often which keys were used. */
const USES_MS = 60_000
const USES_MAX = 1000

export class KeyFollower {
  readonly #options: FollowOptions
  #revision: number | null = null
  #heardAtMs: number | null = null
  #fault: string | null = null
  #etag: string | null = null
  #usesToldMs: number
  /** What the newest keys cost to take. */
  #takingMs = 0
  #timer: NodeJS.Timeout | null = null
  #turn: Promise<void> = Promise.resolve()
  #stopped = false
  /** Ends the question under way. */
  #asking = new AbortController()

  constructor(options: FollowOptions) {
    this.#options = options
    this.#usesToldMs = options.nowMs()
  }

  get state(): KeysState {
    return { revision: this.#revision, heardAtMs: this.#heardAtMs, fault: this.#fault }
  }

  /** Reads the file and asks once; an edge without both goes on without keys. */
  async start(): Promise<void> {
    await this.#recall()
    this.#plan(await this.#ask())
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#asking.abort()
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#turn
    await this.#tellUses()
  }

  /** Behind news it asks again at once, for whoever changed a key waits; but news take half of its time at most. */
  #plan(hadNews: boolean, tookMs = 0): void {
    if (this.#stopped) return
    const { pollMs = POLL_MS } = this.#options
    this.#timer = setTimeout(
      () => {
        const startedMs = performance.now()
        this.#turn = this.#ask().then((news) => this.#plan(news, performance.now() - startedMs))
      },
      hadNews ? Math.min(this.#takingMs, pollMs) : Math.max(0, pollMs - tookMs),
    )
  }

  async #recall(): Promise<void> {
    const { file, ring, logger } = this.#options
    try {
      const signed = await readStateFile(file)
      if (signed !== null) this.#take(openKeySnapshot(ring, signed))
    } catch (error) {
      logger.warn({ file, fault: (error as Error).message }, 'keys on disk are not used; the control plane is asked')
    }
  }

  /** True when keys came that were not known. */
  async #ask(): Promise<boolean> {
    const { controlPlane, ring, nowMs } = this.#options
    this.#asking = new AbortController()
    try {
      const answer = await controlPlane.fetchSnapshot(this.#etag, this.#asking.signal)
      const known = this.#revision
      const startedMs = performance.now()
      if (answer !== null) await this.#takeNewer(openKeySnapshot(ring, answer.signed), answer.signed)
      this.#takingMs = performance.now() - startedMs
      if (answer !== null) this.#etag = answer.etag
      this.#heardAtMs = nowMs()
      this.#note(null)
      if (nowMs() - this.#usesToldMs >= USES_MS) await this.#tellUses()
      return this.#revision !== known
    } catch (error) {
      if (!this.#stopped) this.#note((error as Error).message)
      return false
    }
  }

  async #takeNewer(snapshot: KeySnapshot, signed: string): Promise<void> {
    const known = this.#revision
    if (known !== null && snapshot.revision < known)
      throw new Error(
        `take keys: revision ${snapshot.revision} is older than ${known}, which is known here; see docs/deploy.md, "Keys and edges"`,
      )
    // First in force, then on disk: a revoked key does not wait for a disk.
    this.#take(snapshot)
    try {
      await writeStateFile(this.#options.file, signed)
    } catch (error) {
      const { file, logger } = this.#options
      logger.error({ file, fault: (error as Error).message }, 'keys are in force, but could not be kept on disk')
    }
  }

  #take(snapshot: KeySnapshot): void {
    this.#options.onSnapshot(snapshot)
    this.#revision = snapshot.revision
    const { revision, made_at: madeAt, keys } = snapshot
    this.#options.logger.info({ revision, madeAt, keys: keys.length }, 'keys taken')
  }

  /** What is not told is told next time. */
  async #tellUses(): Promise<void> {
    const { usesSince, controlPlane, nowMs, logger } = this.#options
    const atMs = nowMs()
    const uses = usesSince(this.#usesToldMs)
    try {
      for (let i = 0; i < uses.length; i += USES_MAX) await controlPlane.reportUses(uses.slice(i, i + USES_MAX))
      this.#usesToldMs = atMs
    } catch (error) {
      logger.debug({ fault: (error as Error).message }, 'uses of keys not told')
    }
  }

  /** One line when it begins or changes, one when it is over. */
  #note(fault: string | null): void {
    const { logger } = this.#options
    if (fault !== null && fault !== this.#fault)
      logger.warn({ fault, revision: this.#revision }, 'no news of keys; those that are known stay in force')
    if (fault === null && this.#fault !== null) logger.info({ revision: this.#revision }, 'news of keys again')
    this.#fault = fault
  }
}
