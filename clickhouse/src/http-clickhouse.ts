/** A ClickHouse server or cluster over HTTP. Same promises as the engine in process; parameters are bound by the server. */
import { Readable } from 'node:stream'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import type { ClickHouse, QueryLimits, Statement } from './clickhouse.ts'
import { ClickHouseError } from './clickhouse.ts'
import { toClickHouseError } from './engine-errors.ts'
import { checkIdentifier } from './sql-literals.ts'
import { INSERT_SETTINGS, querySettings, settingsClause } from './statement-settings.ts'

export interface HttpServer {
  readonly url: string
  readonly username?: string
  readonly password?: string
  /** How long one request may take, in milliseconds; longer than any statement's own limit. */
  readonly requestTimeoutMs: number
}

export class HttpClickHouse implements ClickHouse {
  readonly #client: ClickHouseClient
  #tail: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(server: HttpServer) {
    this.#client = createClient({
      url: server.url,
      request_timeout: server.requestTimeoutMs,
      compression: { response: false, request: false },
      max_open_connections: 1,
      // Errors are thrown and logged by whoever catches them; the client would print them to the console.
      log: { level: ClickHouseLogLevel.OFF },
      ...(server.username === undefined ? {} : { username: server.username }),
      ...(server.password === undefined ? {} : { password: server.password }),
    })
  }

  async command(statement: Statement): Promise<void> {
    await this.#run('run statement', async () => {
      await this.#client.command({ query: statement.text, ...boundBy(statement) })
    })
  }

  async query<Row>(statement: Statement, limits?: QueryLimits): Promise<readonly Row[]> {
    const text = `${statement.text}\n${settingsClause(querySettings(limits))}`
    return await this.#run('run query', async () => {
      const answer = await this.#client.query({ query: text, format: 'JSONEachRow', ...boundBy(statement) })
      return await answer.json<Row>()
    })
  }

  async insertNative(table: string, block: Uint8Array, token: string): Promise<void> {
    const settings = settingsClause({ ...INSERT_SETTINGS, insert_deduplication_token: token })
    const text = `INSERT INTO ecomind.${checkIdentifier(table)} ${settings} FORMAT Native`
    await this.#run(`insert into ${table}`, async () => {
      const answer = await this.#client.exec({ query: text, values: Readable.from([Buffer.from(block)]) })
      // The body must be read to its end before the socket can be used again.
      for await (const _ of answer.stream);
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#tail
    await this.#client.close()
  }

  async #run<T>(action: string, work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new ClickHouseError(`${action}: this connection is closed`, null, false)
    const turn = this.#tail.then(work).catch((cause: unknown) => {
      throw toClickHouseError(action, cause)
    })
    this.#tail = turn.catch(() => undefined)
    return await turn
  }
}

function boundBy(statement: Statement): { query_params?: Record<string, unknown> } {
  return statement.params === undefined ? {} : { query_params: { ...statement.params } }
}
