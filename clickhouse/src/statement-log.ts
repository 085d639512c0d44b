/** The last statements of each organisation, in memory and bounded: for its own eyes only. */

export interface StatementLogEntry {
  readonly orgId: string
  readonly keyId: string | null
  readonly queryId: string
  readonly text: string
  /** Epoch milliseconds. */
  readonly startedMs: number
  /** ClickHouse's code; null when it was answered. */
  readonly errorCode: number | null
  /** Waiting included. */
  readonly elapsedMs: number
  /** Of the answer. */
  readonly rows: number
  readonly bytes: number
}

const STATEMENTS_PER_ORG_MAX = 100
const ORGS_MAX = 1_000
const TEXT_CHARACTERS_MAX = 4_000

export class StatementLog {
  /** Oldest statement first; the organisation that asked last stands last. */
  readonly #entries = new Map<string, StatementLogEntry[]>()

  add(entry: StatementLogEntry): void {
    const list = this.#entries.get(entry.orgId) ?? []
    this.#entries.delete(entry.orgId)
    this.#entries.set(entry.orgId, list)
    list.push({ ...entry, text: entry.text.slice(0, TEXT_CHARACTERS_MAX) })
    if (list.length > STATEMENTS_PER_ORG_MAX) list.shift()
    if (this.#entries.size > ORGS_MAX) this.#forgetOldest()
  }

  /** Newest first. */
  of(orgId: string): readonly StatementLogEntry[] {
    return (this.#entries.get(orgId) ?? []).toReversed()
  }

  #forgetOldest(): void {
    const [oldest] = this.#entries.keys()
    if (oldest !== undefined) this.#entries.delete(oldest)
  }
}
