/**
 * One connection to the engine in this process. It runs one statement after the other and is thrown away after any error:
 * chdb 3.4.0 otherwise puts rows of the failed statement in front of the next answer (3.6 MB seen).
 */
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { createChdbConnection } from 'chdb/connection'
import { toClickHouseError } from './engine-errors.ts'

type ClientConnection = NonNullable<NonNullable<Parameters<typeof createClient>[0]>['connection']>

export class EngineLane {
  readonly #path: string
  /** Null between an error and the next statement. */
  #client: ClickHouseClient | null = null
  #tail: Promise<unknown> = Promise.resolve()
  #pending = 0

  /** @param path folder of the engine, which is open */
  constructor(path: string) {
    this.#path = path
  }

  /** Statements that run or wait. */
  get pending(): number {
    return this.#pending
  }

  /** Queues `work` behind what is under way; after a failure the connection is gone before the caller hears of it. */
  async run<T>(action: string, work: (client: ClickHouseClient) => Promise<T>): Promise<T> {
    this.#pending++
    const turn = this.#tail.then(async () => {
      try {
        return await work(this.#connect())
      } catch (cause) {
        await this.#drop()
        throw toClickHouseError(action, cause)
      } finally {
        this.#pending--
      }
    })
    this.#tail = turn.catch(() => undefined)
    return await turn
  }

  /** Resolves when what is under way has ended and the connection is gone. */
  async close(): Promise<void> {
    await this.#tail
    await this.#drop()
  }

  #connect(): ClickHouseClient {
    this.#client ??= createClient({
      connection: connectionTo(this.#path),
      log: { level: ClickHouseLogLevel.OFF },
    })
    return this.#client
  }

  async #drop(): Promise<void> {
    const client = this.#client
    this.#client = null
    await client?.close().catch(() => undefined)
  }
}

/** chdb declares the same interface from its own copy of the client's types, which differ in `undefined` only. */
function connectionTo(path: string): ClientConnection {
  return createChdbConnection({ path }) as unknown as ClientConnection
}
