/**
 * THE choke point: every question about an organisation's data runs through an `OrgScope`, and only a scope knows the
 * connection. A scope is made from a request by `scopeFor` and from nothing else; keys and roles come in here later.
 */
import { createHash } from 'node:crypto'
import {
  type ClickHouse,
  encodeReplayRows,
  type QueryLimits,
  type QueryParam,
  type ReplayRow,
} from '@ecomind/clickhouse'
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import { type Database, DatabaseError, type Queries } from './database/database.ts'
import { ApiError } from './http/api-error.ts'
import type { Question } from './questions/question.ts'

export interface ScopeOptions {
  readonly clickhouse: ClickHouse
  readonly limits: QueryLimits
  /** Newest generation of recomputations that is whole; null: all there is. */
  readonly generationMax?: (orgId: string) => number | null
  /** How many questions may wait or run at once over all scopes; more are refused with `overloaded`. */
  readonly questionsMax: number
  /** The control store; null or absent where there is none. */
  readonly database?: Database | null
}

/** Of a UInt32. */
const GENERATION_MAX = 4_294_967_295

/** Makes scopes, and counts what they have under way. */
export class ScopeKeeper {
  readonly #options: ScopeOptions
  readonly #underWay = { questions: 0 }

  constructor(options: ScopeOptions) {
    this.#options = options
  }

  /** Local mode has one organisation; any other is unknown, not forbidden. @throws ApiError not_found */
  scopeFor(orgId: string): OrgScope {
    if (orgId !== LOCAL_ORG_ID) throw new ApiError('not_found', 'There is no such organisation', { field: 'org_id' })
    // Records that can't be decoded name no organisation; in local mode they can only be this one's.
    return new OrgScope(orgId, [orgId, ''], this.#options, this.#underWay)
  }
}

export class OrgScope {
  readonly orgId: string
  readonly #orgIds: readonly string[]
  readonly #options: ScopeOptions
  readonly #underWay: { questions: number }

  constructor(orgId: string, orgIds: readonly string[], options: ScopeOptions, underWay: { questions: number }) {
    this.orgId = orgId
    this.#orgIds = orgIds
    this.#options = options
    this.#underWay = underWay
  }

  /** @throws ApiError overloaded, ClickHouseError */
  async ask<Row, Answer>(question: Question<Row, Answer>): Promise<Answer> {
    const { clickhouse, limits, questionsMax } = this.#options
    if (this.#underWay.questions >= questionsMax) {
      throw new ApiError('overloaded', 'Too many questions are waiting for the database', { retryAfterSeconds: 1 })
    }
    this.#underWay.questions++
    try {
      const statement = { text: question.text, params: this.#bind(question.text, question.params) }
      const rows = await clickhouse.query<Row>(statement, { ...limits, ...question.limits })
      return question.read(rows)
    } finally {
      this.#underWay.questions--
    }
  }

  /**
   * Work on the organisation's control data, in one transaction; its statements bind the id they are given.
   * @throws ApiError database_unavailable, and what `work` throws
   */
  async keep<T>(work: (queries: Queries, orgId: string) => Promise<T>): Promise<T> {
    const { database } = this.#options
    if (database === undefined || database === null)
      throw new ApiError('database_unavailable', 'This process has no control store')
    try {
      return await database.transaction((queries) => work(queries, this.orgId))
    } catch (error) {
      if (!(error instanceof DatabaseError) || !error.unavailable) throw error
      const details = { cause: error, retryAfterSeconds: 2 }
      throw new ApiError('database_unavailable', 'The control store does not answer; try again', details)
    }
  }

  /**
   * Writes down that quarantined events went back into the log; a second note of the same position is no harm.
   * @throws RangeError for a row of another organisation, ClickHouseError
   */
  async noteReplays(rows: readonly ReplayRow[]): Promise<void> {
    const foreign = rows.find((r) => !this.#orgIds.includes(r.org_id))
    if (foreign !== undefined) throw new RangeError(`note replays: a row of another organisation than ${this.orgId}`)
    const block = encodeReplayRows(rows)
    const token = `replays/${createHash('sha256').update(block).digest('hex')}`
    await this.#options.clickhouse.insertNative('quarantine_replays', block, token)
  }

  /** Whose rows these are, under the names that `ownRows` uses. */
  #bind(text: string, params: Readonly<Record<string, QueryParam>>): Readonly<Record<string, QueryParam>> {
    return {
      ...params,
      ...(text.includes('{generation_max:UInt32}') && params['generation_max'] === undefined
        ? { generation_max: this.#options.generationMax?.(this.orgId) ?? GENERATION_MAX }
        : {}),
      ...(text.includes('{org_id:String}') ? { org_id: this.orgId } : {}),
      ...(text.includes('{org_ids:Array(String)}') ? { org_ids: this.#orgIds } : {}),
    }
  }
}
