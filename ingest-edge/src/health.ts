/** `GET /health`: state of the edge and of its log. */
import { type EventLog, LogFullError } from '@ecomind/event-log'
import type { Health } from '@ecomind/schemas'

type State = Health['status']

export interface HealthOptions {
  readonly mode: string
  readonly version: string
  readonly log: Pick<EventLog, 'stats'>
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
    const checks = { edge: this.#edge(), log: await this.#log() }
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
