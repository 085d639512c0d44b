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
  /** down: a partition stopped and needs a person; degraded: refused for now, or catching up after a start. */
  readonly status: 'ok' | 'degraded' | 'down'
  readonly detail: string
  readonly partitions: readonly PartitionHealth[]
}

export interface WatchedPartition {
  readonly partition: number
  readonly state: PartitionState
  readonly lagRecords: number
}

export function loaderHealth(watched: readonly WatchedPartition[]): LoaderHealth {
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
  if (worst === undefined) return { status: 'ok', detail: '', partitions }
  const status = worst.phase === 'stopped' ? 'down' : 'degraded'
  return {
    status,
    detail: `partition ${worst.partition} ${worst.refused ? 'refused' : worst.phase}: ${worst.detail}`,
    partitions,
  }
}

function describe(state: PartitionState): string {
  if (state.refused !== null) return state.refused
  if (state.indexProgress === null) return state.detail
  const { done, total } = state.indexProgress
  return `dedupe index is being rebuilt from ClickHouse, ${done} of ${total} events`
}
