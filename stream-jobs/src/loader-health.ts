/** What /health says of the loader: one state for all, and one line a partition. */
import type { PartitionState } from './partition-state.ts'

export interface PartitionHealth {
  readonly partition: number
  readonly phase: PartitionState['phase']
  readonly detail: string
  /** The database or the log refuses for now: back-pressure. */
  readonly refused: boolean
  /** Offset of the next record to load. */
  readonly loadedTo: number
  readonly lagRecords: number
  readonly openIntent: boolean
}

export interface LoaderHealth {
  /** down: a partition stopped and needs a person; degraded: refused for now, catching up after a start, or comparing rollups. */
  readonly status: 'ok' | 'degraded' | 'down'
  readonly detail: string
  readonly partitions: readonly PartitionHealth[]
  /** Days whose rollups are still to be compared with the raw rows after a repeated insert. */
  readonly daysToCompare: number
}

export interface WatchedPartition {
  readonly partition: number
  readonly state: PartitionState
  readonly lagRecords: number
}

export function loaderHealth(watched: readonly WatchedPartition[], daysToCompare: number): LoaderHealth {
  const partitions = watched.map(({ partition, state, lagRecords }) => ({
    partition,
    phase: state.phase,
    detail: describe(state),
    refused: state.refused !== null,
    loadedTo: state.loadedTo,
    lagRecords,
    openIntent: state.openIntent,
  }))
  const worst =
    partitions.find((p) => p.phase === 'stopped') ?? partitions.find((p) => p.refused || p.phase !== 'loading')
  if (worst === undefined && daysToCompare === 0) return { status: 'ok', detail: '', partitions, daysToCompare }
  if (worst === undefined) {
    const detail = `an insert was repeated: the rollups of ${daysToCompare} days are compared with the raw rows`
    return { status: 'degraded', detail, partitions, daysToCompare }
  }
  const status = worst.phase === 'stopped' ? 'down' : 'degraded'
  return {
    status,
    detail: `partition ${worst.partition} ${worst.refused ? 'refused' : worst.phase}: ${worst.detail}`,
    partitions,
    daysToCompare,
  }
}

function describe(state: PartitionState): string {
  if (state.refused !== null) return state.refused
  if (state.indexProgress === null) return state.detail
  const { done, total } = state.indexProgress
  return `dedupe index is being rebuilt from ClickHouse, ${done} of ${total} events`
}
