/** `GET /health`: state of the edge, of its log and of the schema registry. */
import { type EventLog, LogFullError } from '@ecomind/event-log'
import type { Health } from '@ecomind/schemas'
import type { SchemaIds } from '@ecomind/schemas/registry'
import type { KeyCheck } from './keys/open-key-check.ts'

type State = Health['status']

export interface HealthOptions {
  readonly mode: string
  readonly version: string
  readonly log: Pick<EventLog, 'stats'>
  /** Null: without a schema registry. */
  readonly schemaIds: Pick<SchemaIds, 'health'> | null
  /** Null in local mode. */
  readonly keyCheck: Pick<KeyCheck, 'health'> | null
  readonly isStopping: () => boolean
  readonly bytesInFlight: () => number
  readonly bytesInFlightMax: number
}

/** Remembers how the last append went and asks the log for the rest. */
export class EdgeHealth {
  readonly #options: HealthOptions
  #failure: unknown = null

  constructor(options: HealthOptions) {
    this.#options = options
  }

  noteAppend(failure: unknown): void {
    this.#failure = failure
  }

  async read(): Promise<Health> {
    const { schemaIds, keyCheck } = this.#options
    const registry = schemaIds === null ? {} : { schema_registry: { ...schemaIds.health() } }
    const checks = { edge: this.#edge(), log: await this.#log(), ...keyCheck?.health(), ...registry }
    const states = Object.values(checks).map((check) => check.status)
    return { status: worst(states), mode: this.#options.mode, version: this.#options.version, checks }
  }

  #edge() {
    const { isStopping, bytesInFlight, bytesInFlightMax } = this.#options
    const load = { in_flight_bytes: bytesInFlight(), in_flight_bytes_max: bytesInFlightMax }
    if (isStopping()) return { status: 'down' as const, detail: 'stopping', ...load }
    return { status: 'ok' as const, ...load }
  }

  async #log() {
    try {
      const partitions = await this.#options.log.stats()
      const bytes = partitions.reduce((sum, partition) => sum + partition.bytes, 0)
      return { ...stateOf(this.#failure), partitions: partitions.length, bytes }
    } catch (error) {
      return { status: 'down' as const, detail: `read the state of the log: ${(error as Error).message}` }
    }
  }
}

function stateOf(failure: unknown): { status: State; detail?: string } {
  if (failure === null) return { status: 'ok' }
  if (failure instanceof LogFullError)
    return { status: 'degraded', detail: 'the log is full; events are refused until it is read' }
  return { status: 'down', detail: 'the last append failed' }
}

function worst(states: readonly State[]): State {
  if (states.includes('down')) return 'down'
  return states.includes('degraded') ? 'degraded' : 'ok'
}
