/**
 * THE choke point: every question about an organisation's data runs through an `OrgScope`, and only a scope knows the
 * connection. A scope is made by `ScopeKeeper` for one principal, one organisation and one permission, and from nothing
 * else; whose rows it shows is decided there.
 */
import { createHash } from 'node:crypto'
import {
  type ClickHouse,
  encodeReplayRows,
  isDamage,
  type QueryLimits,
  type QueryParam,
  type ReplayRow,
} from '@ecomind/clickhouse'
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import { type Access, accessOf, type RowScope } from './access/decide.ts'
import type { Principal } from './access/principal.ts'
import { isRowPermission, type Permission } from './access/roles.ts'
import { answering } from './database/answering.ts'
import type { Database, Queries } from './database/database.ts'
import { ApiError } from './http/api-error.ts'
import type { Organisation, Organisations } from './organisations/organisation.ts'
import { narrowRows, type RowView } from './questions/narrow-rows.ts'
import { type Question, readsUnattributed } from './questions/question.ts'

export interface ScopeOptions {
  readonly clickhouse: ClickHouse
  readonly limits: QueryLimits
  readonly organisations: Organisations
  /** Newest generation of recomputations that is whole; null: all there is. */
  readonly generationMax?: (orgId: string) => number | null
  /** Told that a projection can't be read. */
  readonly onDamage?: () => void
  /** How many questions may wait or run at once over all scopes; more are refused with `overloaded`. */
  readonly questionsMax: number
  /** The control store; null or absent where there is none. */
  readonly database?: Database | null
}

/** Of the questions that may wait or run, so many may be of one organisation: the others always find room. */
const SHARE_OF_ONE = 0.8

/** Of a UInt32. */
const GENERATION_MAX = 4_294_967_295

interface UnderWay {
  questions: number
  readonly byOrg: Map<string, number>
}

/** Makes scopes, and counts what they have under way. */
export class ScopeKeeper {
  readonly #options: ScopeOptions
  readonly #underWay: UnderWay = { questions: 0, byOrg: new Map() }

  constructor(options: ScopeOptions) {
    this.#options = options
  }

  /**
   * An organisation that the principal does not belong to is unknown, not forbidden.
   * @throws ApiError not_found, forbidden, database_unavailable
   */
  async scopeFor(principal: Principal, orgId: string, permission: Permission): Promise<OrgScope> {
    const access = accessOf(principal, orgId, LOCAL_ORG_ID)
    const organisation = access === null ? null : await this.#options.organisations.find(orgId)
    if (access === null || organisation === null)
      throw new ApiError('not_found', 'There is no such organisation', { field: 'org_id' })
    requirePermission(access, permission)
    return new OrgScope(access, organisation, viewOf(access, organisation, permission), this.#options, this.#underWay)
  }
}

/** @throws ApiError forbidden */
function requirePermission(access: Access, permission: Permission): void {
  if (!access.may(permission)) throw new ApiError('forbidden', `The right ${permission} is needed for this`)
}

function viewOf(access: Access, organisation: Organisation, permission: Permission): RowView {
  const rows: RowScope = (isRowPermission(permission) ? access.rows(permission) : null) ?? { kind: 'all' }
  const onlyOwn = rows.kind === 'some' && rows.teamIds.length === 0 && rows.projectIds.length === 0
  if (access.may('people:read') || onlyOwn) return { rows, pseudonymKey: null, peopleMin: 1 }
  const { pseudonyms, people_min: peopleMin } = organisation.settings
  return { rows, pseudonymKey: pseudonyms ? organisation.pseudonymKey : null, peopleMin }
}

export class OrgScope {
  readonly orgId: string
  /** Who asks, and what they may do here. */
  readonly access: Access
  readonly organisation: Organisation
  /** Whose rows of usage, and how people are named in them. */
  readonly view: RowView
  /** The organisation and, for who runs the installation, '': records that can't be decoded name no organisation. */
  readonly orgIds: readonly string[]
  readonly #options: ScopeOptions
  readonly #underWay: UnderWay
  /** The transaction that everything kept here is part of; null: each piece of work has its own. */
  readonly #inside: Queries | null

  constructor(
    access: Access,
    organisation: Organisation,
    view: RowView,
    options: ScopeOptions,
    underWay: UnderWay,
    inside: Queries | null = null,
  ) {
    this.orgId = organisation.id
    this.access = access
    this.organisation = organisation
    this.view = view
    const runsInstallation = organisation.isFirst && access.may('organisation:write')
    this.orgIds = runsInstallation ? [this.orgId, ''] : [this.orgId]
    this.#options = options
    this.#underWay = underWay
    this.#inside = inside
  }

  /** The same scope, whose `keep` is part of a transaction that is open already. */
  within(queries: Queries): OrgScope {
    return new OrgScope(this.access, this.organisation, this.view, this.#options, this.#underWay, queries)
  }

  /** IANA name of the organisation's zone. */
  get tz(): string {
    return this.organisation.timezone
  }

  /** For a right beyond that of the route. @throws ApiError forbidden */
  require(permission: Permission): void {
    requirePermission(this.access, permission)
  }

  /** @throws ApiError overloaded, ClickHouseError */
  async ask<Row, Answer>(question: Question<Row, Answer>): Promise<Answer> {
    const { questionsMax } = this.#options
    const own = this.#underWay.byOrg.get(this.orgId) ?? 0
    if (this.#underWay.questions >= questionsMax || own >= Math.ceil(questionsMax * SHARE_OF_ONE)) {
      throw new ApiError('overloaded', 'Too many questions are waiting for the database', { retryAfterSeconds: 1 })
    }
    if (question.people === 'singled-out') this.#requirePeople(1)
    this.#underWay.questions++
    this.#underWay.byOrg.set(this.orgId, own + 1)
    try {
      const rows = await this.#rowsOf(question)
      if (question.people === 'listed') this.#requirePeople((question.countPeople ?? countPeople)(rows))
      return question.read(rows)
    } finally {
      this.#underWay.questions--
      this.#leave()
    }
  }

  /**
   * Work on the organisation's control data, in one transaction; its statements bind the id they are given.
   * @throws ApiError database_unavailable, and what `work` throws
   */
  async keep<T>(work: (queries: Queries, orgId: string) => Promise<T>): Promise<T> {
    if (this.#inside !== null) return await work(this.#inside, this.orgId)
    const { database } = this.#options
    if (database === undefined || database === null)
      throw new ApiError('database_unavailable', 'This process has no control store')
    return await answering(() => database.transaction((queries) => work(queries, this.orgId)))
  }

  /**
   * Writes down that quarantined events went back into the log; a second note of the same position is no harm.
   * @throws RangeError for a row of another organisation, ClickHouseError
   */
  async noteReplays(rows: readonly ReplayRow[]): Promise<void> {
    const foreign = rows.find((r) => !this.orgIds.includes(r.org_id))
    if (foreign !== undefined) throw new RangeError(`note replays: a row of another organisation than ${this.orgId}`)
    const block = encodeReplayRows(rows)
    const token = `replays/${createHash('sha256').update(block).digest('hex')}`
    await this.#options.clickhouse.insertNative('quarantine_replays', block, token)
  }

  /** Projections are kept beside the rows and can break alone (mend-projections.ts); then the rows answer. */
  async #rowsOf<Row, Answer>(question: Question<Row, Answer>): Promise<readonly Row[]> {
    const { clickhouse, limits, onDamage } = this.#options
    const statement = this.#statementOf(question)
    const all = { ...limits, ...question.limits }
    try {
      return await clickhouse.query<Row>(statement, all)
    } catch (error) {
      if (all.projections !== true || !isDamage(error)) throw error
      onDamage?.()
      return await clickhouse.query<Row>(statement, { ...all, projections: false })
    }
  }

  #leave(): void {
    const left = (this.#underWay.byOrg.get(this.orgId) ?? 1) - 1
    if (left === 0) this.#underWay.byOrg.delete(this.orgId)
    else this.#underWay.byOrg.set(this.orgId, left)
  }

  /** @throws ApiError group_too_small */
  #requirePeople(people: number): void {
    const { peopleMin } = this.view
    if (people === 0 || people >= peopleMin) return
    throw new ApiError('group_too_small', `A breakdown by person must hold at least ${peopleMin} people here`)
  }

  /** The question over the rows that may be seen, with the organisation bound under the names that `ownRows` uses. */
  #statementOf({ text, params }: Question<never, unknown> | Question<unknown, unknown>) {
    if (this.view.rows.kind !== 'all' && readsUnattributed(text))
      throw new ApiError('forbidden', 'This is of the organisation as a whole')
    const narrowed = narrowRows(text, this.view)
    return { text: narrowed.text, params: this.#bind(narrowed.text, { ...params, ...narrowed.params }) }
  }

  #bind(text: string, params: Readonly<Record<string, QueryParam>>): Readonly<Record<string, QueryParam>> {
    return {
      ...params,
      ...(text.includes('{generation_max:UInt32}') && params['generation_max'] === undefined
        ? { generation_max: this.#options.generationMax?.(this.orgId) ?? GENERATION_MAX }
        : {}),
      ...(text.includes('{org_id:String}') ? { org_id: this.orgId } : {}),
      ...(text.includes('{org_ids:Array(String)}') ? { org_ids: this.orgIds } : {}),
    }
  }
}

function countPeople(rows: readonly unknown[]): number {
  return new Set((rows as readonly { readonly user_id: string }[]).map((row) => row.user_id)).size
}
