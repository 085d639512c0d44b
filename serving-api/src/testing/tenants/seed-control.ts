/** Control data of one organisation that no route makes: people with roles, teams, projects, groups, a passkey, erasures. */
import type { KeyRing } from '@ecomind/schemas/keys'
import type { Doer } from '../../audit/doer.ts'
import type { Database, Queries } from '../../database/database.ts'
import { createKey } from '../../keys/change-keys.ts'
import { insertOrganisation } from '../../organisations/organisation-store.ts'
import type { ErasureCertificate } from '../../privacy/erasure.ts'
import { insertErasure } from '../../privacy/erasure-store.ts'
import { projectOf, teamsOf, usersOf } from './seed-usage.ts'

export const ROLES = ['owner', 'admin', 'analyst', 'viewer', 'auditor', 'billing', 'of-team', 'none'] as const
export type PersonKind = (typeof ROLES)[number]

export interface ControlSeed {
  readonly orgId: string
  readonly mark: string
  readonly at: Date
}

export const accountIdOf = (mark: string, kind: PersonKind): string => `account-${mark}-${kind}`
export const emailOf = (mark: string, kind: PersonKind): string => `${kind}@${domainOf(mark)}`
export const domainOf = (mark: string): string => `${mark}.example`
export const groupIdOf = (mark: string): string => `group-${mark}`
export const passkeyIdOf = (mark: string): string => `passkey-${mark}`
export const erasureIdOf = (mark: string, n: number): string => `era-${mark}-${n}`

export async function seedControl(
  database: Database,
  ring: KeyRing,
  seed: ControlSeed,
): Promise<Record<'admin' | 'read' | 'ingest', string>> {
  const { orgId, mark, at } = seed
  const doer: Doer = { actor: `operator-${mark}`, role: 'operator', from: null, requestId: `request-${mark}`, at }
  return await database.transaction(async (queries) => {
    await insertOrganisation(queries, {
      id: orgId,
      name: `name-${mark}`,
      timezone: 'UTC',
      retentionDays: 365,
      isFirst: false,
      at,
    })
    await insertPeople(queries, seed)
    await insertUnits(queries, seed)
    await insertPasskey(queries, seed)
    for (const n of [0, 1]) await insertDone(queries, seed, n)
    const make = async (scope: 'admin' | 'read' | 'ingest') => {
      const wanted = { name: `${scope}-key-${mark}`, scopes: [scope], ratePerSecond: null, eventsPerDayMax: null }
      return (await createKey(queries, ring, doer, orgId, { ...wanted, expiresAt: null })).secret
    }
    return { admin: await make('admin'), read: await make('read'), ingest: await make('ingest') }
  })
}

async function insertPeople(queries: Queries, { orgId, mark, at }: ControlSeed): Promise<void> {
  for (const [n, kind] of ROLES.entries()) {
    const id = accountIdOf(mark, kind)
    const own = usersOf(mark)[n] ?? null
    await queries.query(
      `INSERT INTO ecomind.users (org_id, id, email, name, usage_user_id, source, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, 'manual', $6, $6)`,
      [orgId, id, emailOf(mark, kind), `person-${mark}-${kind}`, own, at],
    )
    await queries.query('INSERT INTO ecomind.local_accounts (org_id, user_id, updated_at) VALUES ($1, $2, $3)', [
      orgId,
      id,
      at,
    ])
    if (kind === 'none') continue
    const ofTeam = kind === 'of-team'
    await queries.query(
      `INSERT INTO ecomind.memberships (org_id, user_id, role, scope_kind, scope_id, source, created_at)
       VALUES ($1, $2, $3, $4, $5, 'manual', $6)`,
      [
        orgId,
        id,
        ofTeam ? 'analyst' : kind,
        ofTeam ? 'team' : 'organisation',
        ofTeam ? (teamsOf(mark)[0] ?? '') : '',
        at,
      ],
    )
  }
}

async function insertUnits(queries: Queries, { orgId, mark, at }: ControlSeed): Promise<void> {
  for (const id of teamsOf(mark))
    await queries.query(
      'INSERT INTO ecomind.teams (org_id, id, name, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)',
      [orgId, id, `name of ${id}`, at],
    )
  for (const id of [projectOf(mark), `second-${projectOf(mark)}`])
    await queries.query(
      'INSERT INTO ecomind.projects (org_id, id, name, team_id, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)',
      [orgId, id, `name of ${id}`, teamsOf(mark)[0] ?? '', at],
    )
  for (const id of [groupIdOf(mark), `second-${groupIdOf(mark)}`]) {
    await queries.query(
      'INSERT INTO ecomind.groups (org_id, id, name, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)',
      [orgId, id, `name of ${id}`, at],
    )
    await queries.query('INSERT INTO ecomind.group_members (org_id, group_id, user_id) VALUES ($1, $2, $3)', [
      orgId,
      id,
      accountIdOf(mark, 'viewer'),
    ])
  }
}

async function insertPasskey(queries: Queries, { orgId, mark, at }: ControlSeed): Promise<void> {
  await queries.query(
    `INSERT INTO ecomind.passkeys (credential_id, org_id, user_id, name, public_key, counter, transports, created_at)
     VALUES ($1, $2, $3, $4, 'AA', 0, $5, $6)`,
    [passkeyIdOf(mark), orgId, accountIdOf(mark, 'owner'), `name-of-passkey-${mark}`, { list: [] }, at],
  )
}

async function insertDone(queries: Queries, { orgId, mark, at }: ControlSeed, n: number): Promise<void> {
  const id = erasureIdOf(mark, n)
  const person = { salt: `salt-${mark}`, sha256: `hash-${mark}` }
  const requestedAt = new Date(at.getTime() - n)
  const certificate: ErasureCertificate = {
    id,
    org_id: orgId,
    mode: 'delete',
    person,
    requested_by: `requester-${mark}`,
    requested_at: requestedAt.toISOString(),
    finished_at: requestedAt.toISOString(),
    version: `version-${mark}`,
    factor_set: 'set',
    rows_before: {},
    rows_after: {},
    totals: { calls: '0', tokens_in: '0', tokens_out: '0', kwh: '0', water_l: '0', co2_kg: '0' },
    verification: [],
    remains: [],
  }
  await insertErasure(queries, {
    orgId,
    id,
    mode: 'delete',
    state: 'waiting',
    userId: `erased-${mark}-${n}`,
    target: `target-${mark}-${n}`,
    mark: `mark-${mark}-${n}`,
    salt: person.salt,
    userHash: person.sha256,
    requestedBy: `requester-${mark}`,
    requestId: `request-${mark}`,
    requestedAt,
    logEnds: { generation: 1, offsets: {} },
    found: {},
    error: null,
    certificate: null,
    finishedAt: null,
  })
  await queries.query(
    `UPDATE ecomind.erasures SET state = 'done', user_id = NULL, target = NULL, mark = NULL, certificate = $3,
     finished_at = $4 WHERE org_id = $1 AND id = $2`,
    [orgId, id, { ...certificate }, requestedAt],
  )
}
