/** The audit of one API process: notes, signed heads and the removal of old entries, the latter two from time to time. */
import type { KeyRing } from '@ecomind/schemas/keys'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Database } from '../database/database.ts'
import { type HeadKeys, headKeysOf } from './head-keys.ts'
import { Notes } from './notes.ts'
import { removeOldEntries } from './remove-old.ts'
import { signDays, signNow } from './sign-heads.ts'
import type { SignedHead } from './signed-heads.ts'

export interface AuditDesk {
  readonly notes: Notes
  /** Null: without secret keys nothing is signed. */
  readonly keys: HeadKeys | null
  /** Up to the last entry; the heads that are new. Null without secret keys. */
  readonly signNow: (orgId: string) => Promise<readonly SignedHead[] | null>
  /** `work`, unless the same is under way for the organisation: then its result. */
  readonly once: <T>(orgId: string, work: () => Promise<T>) => Promise<T>
  /** Signs, removes and writes what is due. Never throws. */
  readonly round: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface AuditDeskDeps {
  readonly database: Database
  readonly keyRing: KeyRing | null
  readonly logger: Logger
  readonly registry: Registry
  readonly nowMs: () => number
}

/** A day is signed within this time after its end. */
const ROUND_MS = 600_000

export function openAuditDesk(deps: AuditDeskDeps): AuditDesk {
  const { database, logger, nowMs } = deps
  const keys = deps.keyRing === null ? null : headKeysOf(deps.keyRing)
  const notes = new Notes(deps)
  const round = async (): Promise<void> => {
    try {
      await notes.write()
      const now = new Date(nowMs())
      if (keys !== null) await signDays({ database, keys, logger }, now)
      for (const removal of (await removeOldEntries(database, keys, now)) ?? [])
        logger.info(removal, 'removed audit entries whose time is over')
    } catch (err) {
      logger.warn({ err }, 'the audit trail was neither signed nor cleared now; it is tried again')
    }
  }
  let rounds = Promise.resolve()
  const turn = () => {
    rounds = rounds.then(round)
  }
  turn()
  const timer = setInterval(turn, ROUND_MS)
  timer.unref()
  const underWay = new Map<string, Promise<unknown>>()
  return {
    notes,
    keys,
    round,
    signNow: async (orgId) =>
      keys === null ? null : await signNow({ database, keys, logger }, orgId, new Date(nowMs())),
    once: <T>(orgId: string, work: () => Promise<T>) => {
      const present = underWay.get(orgId) ?? work().finally(() => underWay.delete(orgId))
      underWay.set(orgId, present)
      return present as Promise<T>
    },
    stop: async () => {
      clearInterval(timer)
      await rounds
      await notes.stop()
    },
  }
}
