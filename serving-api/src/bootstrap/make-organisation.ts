/** What a start finds or makes: the organisation of local mode, or the installation's first one with owner and key. */
import type { Doer } from '../audit/doer.ts'
import type { ApiConfig } from '../config.ts'
import type { Database } from '../database/database.ts'
import { createKey, FIRST_KEY } from '../keys/change-keys.ts'
import { createOrganisation } from '../organisations/change-organisations.ts'
import { RETENTION_DAYS_MAX } from '../organisations/organisation.ts'
import { findFirstOrganisation, findOrganisation, insertOrganisation } from '../organisations/organisation-store.ts'
import { createOwner, createOwnerLink } from '../sign-in/first-owner.ts'
import type { SignIn } from '../sign-in/sign-in.ts'

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

/** Says something to whoever started the process, and to nobody else. */
export type TellOperator = (text: string) => void

/** Can be called at every start, by several processes at once. */
export async function firstOrganisation(
  database: Database,
  { firstOrganisation: wanted, tz, keyRing }: ApiConfig,
  signIn: SignIn,
  tellOperator: TellOperator | undefined,
): Promise<void> {
  if (wanted === null || keyRing === null) return await giveOwnerLink(signIn, tellOperator)
  const { nowMs, logger } = signIn
  const passwordHash = await signIn.hasher.hash(wanted.ownerPassword)
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
    const { orgId, ownerEmail: email } = wanted
    await createOwner(queries, { orgId, email, name: email, passwordHash }, doer.at)
    await createKey(queries, keyRing, doer, orgId, FIRST_KEY, wanted.adminKey)
    return true
  })
  if (made) logger.info({ orgId: wanted.orgId }, 'made the first organisation, its owner and its admin key')
}

/** Any number that no other work of this database uses as an advisory lock. */
const TURN = 3_626_092

/** To the person at the terminal; where there is none, to whoever reads the log of the first start. */
async function giveOwnerLink(signIn: SignIn, tellOperator: TellOperator | undefined): Promise<void> {
  const link = await createOwnerLink(signIn)
  if (link === null) return
  const { url, expiresAt } = link
  const text = `there is no organisation yet: make it and its owner with this link: ${url}`
  if (tellOperator === undefined) signIn.logger.warn({ url, expiresAt }, text)
  else tellOperator(text)
}
