/**
 * A ClickHouse server over HTTP: the production path. Same promises as the engine in process. Every answer is read to its
 * end and believed only when it is whole: the client's own `command` takes a connection that is cut behind the headers for
 * a success, so `exec` is used for all. `wait_end_of_query` makes the server hold the status back until the work is done.
 */
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import type { ClickHouseClient } from '@clickhouse/client'
import type { ClickHouse, QueryLimits, Statement } from './clickhouse.ts'
import { ClickHouseError } from './clickhouse.ts'
import { createHttpAgent, type HttpAgent } from './http-agent.ts'
import { openClient } from './http-client.ts'
import { errorInAnswer, type HttpAnswer, networkError, timeoutError } from './http-errors.ts'
import { type BoundStatement, bindForHttp } from './http-params.ts'
import { parseRows, requireNoException } from './http-rows.ts'
import { HTTP_TIMEOUTS, type HttpTarget, type HttpTimeouts } from './http-target.ts'
import { readAnswer } from './read-answer.ts'
import { checkIdentifier } from './sql-literals.ts'
import { INSERT_SETTINGS, querySettings, type Settings, settingsClause } from './statement-settings.ts'
import { Turns } from './turns.ts'

interface HttpRequest {
  readonly action: string
  readonly statement: BoundStatement
  readonly block?: Uint8Array
  readonly timeoutMs: number
  /** A question changes nothing and may be asked again. */
  readonly isQuestion: boolean
}

/** Beyond what a single server needs. */
export interface MoreSettings {
  /** In the SETTINGS of each insert. */
  readonly insert?: Settings
  /** With each request. */
  readonly every?: Settings
  /** Where blocks go; default `ecomind`. */
  readonly insertDatabase?: string
}

export class HttpClickHouse implements ClickHouse {
  readonly #client: ClickHouseClient
  readonly #agent: HttpAgent
  readonly #timeouts: HttpTimeouts
  readonly #insertSettings: Settings
  readonly #everySettings: Settings
  readonly #insertDatabase: string
  readonly #turns = new Turns()
  #closed = false

  constructor(target: HttpTarget, { insert = {}, every = {}, insertDatabase = 'ecomind' }: MoreSettings = {}) {
    this.#timeouts = { ...HTTP_TIMEOUTS, ...target.timeouts }
    this.#insertSettings = { ...INSERT_SETTINGS, ...insert }
    this.#everySettings = every
    this.#insertDatabase = checkIdentifier(insertDatabase)
    this.#agent = createHttpAgent({
      secure: target.url.startsWith('https:'),
      tls: target.tls ?? {},
      connectMs: this.#timeouts.connectMs,
    })
    this.#client = openClient(target, this.#agent, this.#timeouts)
  }

  async command(statement: Statement): Promise<void> {
    const action = 'run statement'
    const timeoutMs = statement.isShort === true ? this.#timeouts.requestMs : this.#timeouts.longMs
    const answer = await this.#run({ action, statement: bindForHttp(statement), timeoutMs, isQuestion: false })
    requireNoException(action, answer.body)
  }

  async query<Row>(statement: Statement, limits?: QueryLimits): Promise<readonly Row[]> {
    const action = 'run query'
    const text = `${statement.text}\n${settingsClause(querySettings(limits))}\nFORMAT JSONEachRow`
    const bound = bindForHttp({ ...statement, text })
    const answer = await this.#run({ action, statement: bound, timeoutMs: this.#timeouts.requestMs, isQuestion: true })
    return parseRows<Row>(action, answer.body)
  }

  async insertNative(table: string, block: Uint8Array, token: string, ahead = false): Promise<void> {
    const action = `insert into ${table}`
    const settings = settingsClause({ ...this.#insertSettings, insert_deduplication_token: token })
    const text = `INSERT INTO ${this.#insertDatabase}.${checkIdentifier(table)} ${settings} FORMAT Native`
    const timeoutMs = this.#timeouts.requestMs
    const request = { action, statement: { text }, block, timeoutMs, isQuestion: false }
    const answer = await this.#run(request, ahead)
    requireNoException(action, answer.body)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#turns.idle()
    await this.#client.close()
  }

  /** One statement after the other; a question that met a closed socket is asked once more. */
  async #run(request: HttpRequest, ahead = false): Promise<HttpAnswer> {
    if (this.#closed) {
      throw new ClickHouseError(`${request.action}: this connection is closed`, null, false, { outcome: 'not-sent' })
    }
    return await this.#turns.run(async () => {
      const before = this.#agent.mark()
      try {
        return await this.#send(request)
      } catch (error) {
        if (!this.#mayAskAgain(request, error, before)) throw error
        return await this.#send(request)
      }
    }, ahead)
  }

  /** A server closes idle sockets; a question that crosses that is not worth a 503 to a user. An insert has its loader. */
  #mayAskAgain(request: HttpRequest, error: unknown, before: ReturnType<HttpAgent['mark']>): boolean {
    if (!request.isQuestion || !(error instanceof ClickHouseError) || error.code !== null) return false
    return this.#agent.reusedSocket(before) && /ECONNRESET|EPIPE|socket hang up/.test(error.message)
  }

  /** @throws ClickHouseError */
  async #send({ action, statement, block, timeoutMs }: HttpRequest): Promise<HttpAnswer> {
    const before = this.#agent.mark()
    const queryId = randomUUID()
    const clock = new AbortController()
    const timer = setTimeout(() => clock.abort(), timeoutMs)
    let answer: HttpAnswer
    try {
      const given = await this.#client.exec({
        query: statement.text,
        query_id: queryId,
        abort_signal: clock.signal,
        ignore_error_response: true,
        clickhouse_settings: { optimize_use_projections: 0, ...this.#everySettings, wait_end_of_query: 1 },
        ...(statement.params === undefined ? {} : { query_params: { ...statement.params } }),
        ...(block === undefined ? {} : { values: Readable.from([asBuffer(block)]) }),
      })
      answer = await readAnswer(given, clock.signal)
    } catch (cause) {
      const nothingSent = this.#agent.nothingSent(before)
      if (clock.signal.aborted) throw timeoutError(`${action} (query id ${queryId})`, timeoutMs, nothingSent)
      throw networkError(action, cause, nothingSent)
    } finally {
      clearTimeout(timer)
    }
    const error = errorInAnswer(action, answer)
    if (error !== null) throw error
    return answer
  }
}

const asBuffer = (block: Uint8Array): Buffer => Buffer.from(block.buffer, block.byteOffset, block.byteLength)
