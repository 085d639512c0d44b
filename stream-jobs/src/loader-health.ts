/** What /health says of the loader: one state for all, and one line a partition. */
import type { PartitionState } from './partition-state.ts'
import type { UnreadTail } from './watch-loader.ts'

export interface PartitionHealth {
  readonly partition: number
  readonly phase: PartitionState['phase']
  readonly detail: string
  /** The database or the log refuses for now: back-pressure. */
  readonly refused: boolean
  /** Offset of the next record to load. */
  readonly loadedTo: number
  readonly lagRecords: number
  /** Age of the oldest record not yet loaded, in seconds; 0 when all are. */
  readonly oldestUnreadSeconds: number
  readonly openIntent: boolean
  /** How long the inserts of the newest batch took, in seconds; null before the first. */
  readonly lastInsertSeconds: number | null
  /** Events and records set aside since the start. */
  readonly quarantined: number
}

export interface LoaderHealth {
  /** down: a partition stopped and needs a person; degraded: refused for now, catching up after a start, or comparing rollups. */
  readonly status: 'ok' | 'degraded' | 'down'
  readonly detail: string
  readonly partitions: readonly PartitionHealth[]
  /** Days whose rollups are still to be compared with the raw rows after a repeated insert. */
  readonly daysToCompare: number
  /** Wall clock minus the published watermark, in seconds; null before any is known. */
  readonly watermarkDelaySeconds: number | null
}

export interface WatchedPartition {
  readonly partition: number
  readonly state: PartitionState
  /** Null before the first look. */
  readonly unread: UnreadTail | null
}

export function loaderHealth(
  watched: readonly WatchedPartition[],
  daysToCompare: number,
  watermarkDelaySeconds: number | null,
): LoaderHealth {
  const partitions = watched.map(({ partition, state, unread }) => ({
    partition,
    phase: state.phase,
    detail: describe(state),
    refused: state.refused !== null,
    loadedTo: state.loadedTo,
    lagRecords: unread?.records ?? 0,
    oldestUnreadSeconds: unread?.oldestSeconds ?? 0,
    openIntent: state.openIntent,
    lastInsertSeconds: state.lastInsertSeconds,
    quarantined: state.quarantined,
  }))
  const numbers = { partitions, daysToCompare, watermarkDelaySeconds }
  const worst =
    partitions.find((p) => p.phase === 'stopped') ?? partitions.find((p) => p.refused || p.phase !== 'loading')
  if (worst === undefined && daysToCompare === 0) return { status: 'ok', detail: '', ...numbers }
  if (worst === undefined) {
    const detail = `an insert was repeated: the rollups of ${daysToCompare} days are compared with the raw rows`
    return { status: 'degraded', detail, ...numbers }
  }
  const status = worst.phase === 'stopped' ? 'down' : 'degraded'
  return {
    status,
    detail: `partition ${worst.partition} ${worst.refused ? 'refused' : worst.phase}: ${worst.detail}`,
    ...numbers,
  }
}

function describe(state: PartitionState): string {
  if (state.refused !== null) return state.refused
  if (state.indexProgress === null) return state.detail
  const { done, total } = state.indexProgress
  return `dedupe index is being rebuilt from ClickHouse, ${done} of ${total} events`
}
