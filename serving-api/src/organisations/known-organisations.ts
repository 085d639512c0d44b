/**
 * Organisations as requests ask for them, many times a second: read from the control store at most every two seconds
 * each, and from memory for as long as the store does not answer.
 */
import { answering } from '../database/answering.ts'
import { type Database, DatabaseError } from '../database/database.ts'
import type { Organisation, Organisations } from './organisation.ts'
import { findOrganisation } from './organisation-store.ts'

const FRESH_MS = 2000
/** Ids come from clients; those of organisations that are not there are remembered, too. */
const KNOWN_MAX = 10_000

interface Known {
  readonly readAtMs: number
  readonly organisation: Organisation | null
}

export class KnownOrganisations implements Organisations {
  readonly #database: Database
  readonly #nowMs: () => number
  readonly #known = new Map<string, Known>()

  constructor(database: Database, nowMs: () => number) {
    this.#database = database
    this.#nowMs = nowMs
  }

  /** @throws ApiError database_unavailable for one that was never read */
  async find(orgId: string): Promise<Organisation | null> {
    const known = this.#known.get(orgId)
    const nowMs = this.#nowMs()
    if (known !== undefined && nowMs - known.readAtMs < FRESH_MS) return known.organisation
    try {
      const organisation = await findOrganisation(this.#database, orgId)
      this.#remember(orgId, { readAtMs: nowMs, organisation })
      return organisation
    } catch (error) {
      if (known !== undefined && error instanceof DatabaseError && error.unavailable) return known.organisation
      return await answering(() => Promise.reject(error))
    }
  }

  /** After a change by this process. */
  forget(orgId: string): void {
    this.#known.delete(orgId)
  }

  #remember(orgId: string, known: Known): void {
    this.#known.delete(orgId)
    this.#known.set(orgId, known)
    const [oldest] = this.#known.keys()
    if (this.#known.size > KNOWN_MAX && oldest !== undefined) this.#known.delete(oldest)
  }
}
