/**
 * Statements of analysts on a ClickHouse server: the same allow-list, then the views of the organisation that
 * provision-analysts.ts made, in its role, which has no right to anything else. The server is asked over HTTP.
 */
import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { analystErrorOf } from './analyst-errors.ts'
import { type AnalystFunctions, readAnalystFunctions } from './analyst-functions.ts'
import { planStatement } from './analyst-plan.ts'
import { ANALYST_LIMITS, type AnalystLimits, analystSettings } from './analyst-settings.ts'
import type { AnalystAnswer, AnalystCaller, AnalystQuestion, AnalystSql } from './analyst-sql.ts'
import { AnalystError } from './canonical-statement.ts'
import type { ClickHouse } from './clickhouse.ts'
import { createHttpAgent, type HttpAgent } from './http-agent.ts'
import { HTTP_TIMEOUTS, type HttpTarget } from './http-target.ts'
import { type AnalystNames, analystNames } from './provision-analysts.ts'

/** NETWORK_ERROR, UNKNOWN_ROLE and UNKNOWN_DATABASE of ErrorCodes.cpp. */
const NETWORK_ERROR = 210
const NOT_PROVISIONED: ReadonlySet<number> = new Set([511, 512, 81])
/** Beyond what the statement may run: for its answer. */
const ANSWER_MS = 30_000

/** `catalog` reads the server's list of functions at the first statement, and stays the caller's. */
export function openServerAnalystSql(
  target: HttpTarget,
  catalog: ClickHouse,
  limits: AnalystLimits = ANALYST_LIMITS,
): AnalystSql {
  return new ServerAnalystSql(target, catalog, limits)
}

class ServerAnalystSql implements AnalystSql {
  readonly #target: HttpTarget
  readonly #agent: HttpAgent
  readonly #catalog: ClickHouse
  readonly #limits: AnalystLimits
  #functions: AnalystFunctions | null = null

  constructor(target: HttpTarget, catalog: ClickHouse, limits: AnalystLimits) {
    this.#target = target
    this.#catalog = catalog
    this.#limits = limits
    const connectMs = target.timeouts?.connectMs ?? HTTP_TIMEOUTS.connectMs
    this.#agent = createHttpAgent({ secure: target.url.startsWith('https:'), tls: target.tls ?? {}, connectMs })
  }

  async run(question: AnalystQuestion, { orgIds, gone }: AnalystCaller): Promise<AnalystAnswer> {
    const names = analystNames(orgIds[0] ?? '')
    const client = this.#clientOf(names)
    const deadline = AbortSignal.timeout(this.#limits.maxExecutionMs + ANSWER_MS)
    const signal = gone === undefined ? deadline : AbortSignal.any([gone, deadline])
    const start = performance.now()
    const send = async (text: string, format: string): Promise<Answered> =>
      await this.#send(client, { text, format, role: names.role, output: question.outputSettings ?? {}, signal })
    try {
      this.#functions ??= await readAnalystFunctions(this.#catalog)
      const parser = {
        functions: this.#functions,
        database: names.database,
        ask: async (text: string) => (await send(text, 'TSVRaw')).bytes.toString('utf8'),
      }
      const plan = await planStatement(question, parser)
      const { bytes, rows } = await send(plan.text, plan.format)
      return { format: plan.format, bytes, rows, elapsedSeconds: (performance.now() - start) / 1000 }
    } catch (cause) {
      throw serverErrorOf(cause, orgIds[0] ?? '')
    }
  }

  async close(): Promise<void> {
    this.#agent.agent.destroy()
  }

  /** A client only holds settings; connections are the agent's. Bare names of tables mean those of its database. */
  #clientOf({ database }: AnalystNames): ClickHouseClient {
    return createClient({
      url: this.#target.url,
      username: this.#target.username ?? 'default',
      password: this.#target.password ?? '',
      database,
      http_agent: this.#agent.agent,
      request_timeout: this.#limits.maxExecutionMs + ANSWER_MS,
      application: 'ecomind-analysts',
      log: { level: ClickHouseLogLevel.OFF },
    })
  }

  async #send(client: ClickHouseClient, asked: Asked): Promise<Answered> {
    const answer = await client.exec({
      query: asked.text,
      query_id: randomUUID(),
      role: asked.role,
      http_headers: { 'X-ClickHouse-Format': asked.format },
      clickhouse_settings: {
        ...analystSettings(this.#limits, asked.output),
        // Held back until it is whole, so that a failure is never behind a part of the answer.
        wait_end_of_query: 1,
        // The server stops a statement whose client has gone.
        cancel_http_readonly_queries_on_client_disconnect: 1,
        readonly: '2',
      },
      abort_signal: asked.signal,
    })
    return { bytes: await readBytes(answer.stream), rows: rowsOf(answer.summary) }
  }
}

interface Asked {
  readonly text: string
  readonly format: string
  readonly role: string
  readonly output: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

interface Answered {
  readonly bytes: Buffer
  readonly rows: number
}

async function readBytes(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Rows of the answer; what was read to make it stays here. */
function rowsOf(summary: { readonly result_rows?: string } | undefined): number {
  return Number(summary?.result_rows ?? 0)
}

function serverErrorOf(cause: unknown, orgId: string): AnalystError {
  if (cause instanceof AnalystError || cause instanceof RangeError) return analystErrorOf(cause)
  const code = cause instanceof Error && 'code' in cause ? Number(cause.code) : Number.NaN
  // Nothing was answered: the code is a word of the network's, or there is none.
  if (!(code > 0)) return new AnalystError(NETWORK_ERROR, 'the database does not answer')
  if (NOT_PROVISIONED.has(code))
    return new AnalystError(code, `analysts of ${orgId} have no account on the database server: npm run analysts`)
  const message = cause instanceof Error ? cause.message : ''
  return analystErrorOf(new Error(`Code: ${code}. DB::Exception: ${message}`))
}
