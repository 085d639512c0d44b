/** What a start finds or makes: the organisation of local mode, or the installation's first one with owner and key. */
import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Doer } from '../audit/doer.ts'
import type { ApiConfig } from '../config.ts'
import type { Database, Queries } from '../database/database.ts'
import { createOrganisation } from '../organisations/change-organisations.ts'
import { RETENTION_DAYS_MAX } from '../organisations/organisation.ts'
import { findFirstOrganisation, findOrganisation, insertOrganisation } from '../organisations/organisation-store.ts'

/** Its zone is that of the settings, at every start. */
export async function localOrganisation(database: Database, id: string, timezone: string, at: Date): Promise<void> {
  await database.transaction(async (queries) => {
    await insertOrganisation(queries, {
      id,
      name: id,
      timezone,
      retentionDays: RETENTION_DAYS_MAX,
      isFirst: (await findFirstOrganisation(queries)) === null,
      at,
    })
    await queries.query(
      'UPDATE ecomind.organisations SET timezone = $2, version = version + 1 WHERE id = $1 AND timezone <> $2',
      [id, timezone],
    )
  })
}

/** Can be called at every start, by several processes at once. */
export async function firstOrganisation(
  database: Database,
  { firstOrganisation: wanted, tz }: ApiConfig,
  { nowMs, logger }: { nowMs: () => number; logger: Logger },
): Promise<void> {
  if (wanted === null) return
  const doer: Doer = { actor: 'operator', role: 'operator', from: null, requestId: '', at: new Date(nowMs()) }
  const made = await database.transaction(async (queries) => {
    await queries.query('SELECT pg_advisory_xact_lock($1)', [TURN])
    const present = await findFirstOrganisation(queries)
    if (present !== null) return false
    if ((await findOrganisation(queries, wanted.orgId)) !== null) return false
    await createOrganisation(queries, doer, {
      id: wanted.orgId,
      name: wanted.orgId,
      timezone: tz,
      retentionDays: RETENTION_DAYS_MAX,
      isFirst: true,
    })
    await makeOwner(queries, wanted.orgId, wanted.ownerEmail, doer.at)
    return true
  })
  if (made) logger.info({ orgId: wanted.orgId }, 'made the first organisation, its owner and its admin key')
}

/** Any number that no other work of this database uses as an advisory lock. */
const TURN = 3_626_092

async function makeOwner(queries: Queries, orgId: string, email: string, at: Date): Promise<string> {
  const id = randomUUID()
  await queries.query(
    `INSERT INTO ecomind.users (org_id, id, email, name, source, created_at, updated_at)
     VALUES ($1, $2, $3, $3, 'init', $4, $4)`,
    [orgId, id, email, at],
  )
  await queries.query(
    `INSERT INTO ecomind.memberships (org_id, user_id, role, scope_kind, source, created_at)
     VALUES ($1, $2, 'owner', 'organisation', 'init', $3)`,
    [orgId, id, at],
  )
  return id
}
