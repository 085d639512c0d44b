/** What is known of one partition's loader, for health, metrics and reconciliation. Written by its loop only. */
export type PartitionPhase =
  /** Restoring: index, open intent. */
  | 'recovering'
  /** Reading and loading. */
  | 'loading'
  /** A fault that no repetition cures; nothing is read until someone acts. */
  | 'stopped'

export interface PartitionState {
  phase: PartitionPhase
  /** Why it stopped, in words for an operator; empty otherwise. */
  detail: string
  /** What the database or the log said when it refused; asked again for ever, null once it accepts. */
  refused: string | null
  /** Everything before this offset is in ClickHouse and counted in the ledger. */
  loadedTo: number
  /** More waits in the log than one batch takes, as far as is known. */
  behind: boolean
  /** An intent is written and not yet finished. */
  openIntent: boolean
  /** Events and records set aside since this process took the partition. */
  quarantined: number
  /** How long the inserts of the newest batch took, refusals included, in seconds; null before the first. */
  lastInsertSeconds: number | null
  /** Rebuilding the dedupe index: rows done of rows wanted. */
  indexProgress: { readonly done: number; readonly total: number } | null
}

export function createPartitionState(): PartitionState {
  return {
    phase: 'recovering',
    detail: '',
    refused: null,
    loadedTo: 0,
    behind: true,
    openIntent: false,
    quarantined: 0,
    lastInsertSeconds: null,
    indexProgress: null,
  }
}

/** A fault ends the loop: what it was refused before is not asked again, and must not hide why it stopped. */
export function stopFor(detail: string, state: PartitionState): void {
  state.phase = 'stopped'
  state.detail = detail
  state.refused = null
}
