/** What a server lets the role of an application do to the trail. Set ECOMIND_TEST_DATABASE_URL. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import { anAction, doerAt, newKeys, newOrgId, recordAll } from '../testing/audit-trail.ts'
import { quietLogger } from '../testing/quiet-logger.ts'
import { createTestDatabase, TEST_DATABASE_URL, type TestDatabase } from '../testing/test-database.ts'
import { grantApplication } from './grant-application.ts'
import { recordAudit } from './record-audit.ts'
import { removeOldEntries } from './remove-old.ts'
import { signNow } from './sign-heads.ts'
import { verifyTrail } from './verify/verify-trail.ts'

const NOW = new Date()

describe('grantApplication', () => {
  test('takes no name that would need quotes', async () => {
    const never = { query: () => expect.unreachable('it asked the database') } as unknown as Database
    await expect(grantApplication(never, 'x; DROP TABLE y')).rejects.toThrow(RangeError)
  })
})

describe.skipIf(TEST_DATABASE_URL === '')('the role of an application', () => {
  const group = `app_${randomBytes(6).toString('hex')}`
  const login = `${group}_login`
  const orgId = newOrgId()
  let own: TestDatabase
  let owner: Database
  let application: Database
  beforeAll(async () => {
    own = await createTestDatabase()
    owner = await openDatabase({ kind: 'postgres', url: own.url })
    await grantApplication(owner, group)
    await grantApplication(owner, group)
    const password = randomBytes(12).toString('hex')
    await owner.script(`CREATE ROLE ${login} LOGIN PASSWORD '${password}' IN ROLE ${group}`)
    const url = new URL(own.url)
    url.username = login
    url.password = password
    application = await openDatabase({ kind: 'postgres', url: url.href })
  })
  afterAll(async () => {
    await application.close()
    await owner.script(`DROP OWNED BY ${login}, ${group}; DROP ROLE ${login}, ${group}`)
    await owner.close()
    await own.drop()
  })

  test('adds entries and signs heads', async () => {
    await recordAll(application, orgId, [NOW, NOW])
    const keys = newKeys()
    await signNow({ database: application, keys, logger: quietLogger }, orgId, NOW)
    expect(await verifyTrail(application, orgId, keys)).toMatchObject({ fault: null, entries: 2, signed: { seq: 2 } })
  })

  test.each([
    "UPDATE ecomind.audit_entries SET actor = 'x'",
    'DELETE FROM ecomind.audit_entries',
    'TRUNCATE ecomind.audit_entries',
    'ALTER TABLE ecomind.audit_entries DISABLE TRIGGER USER',
    'UPDATE ecomind.audit_heads SET seq = 0',
    'DELETE FROM ecomind.audit_heads',
    'DELETE FROM ecomind.audit_checkpoints',
    "UPDATE ecomind.factor_override_versions SET created_by = 'x'",
    "SELECT ecomind.remove_audit_entries('x', 1)",
    "SET ecomind.audit_change = 'DELETE'; DELETE FROM ecomind.audit_entries",
  ])('may not: %s', async (statement) => {
    await expect(application.script(statement)).rejects.toThrow(expect.objectContaining({ sqlState: '42501' }))
  })

  test('removes nothing that is old, and does its other work', async () => {
    expect(await removeOldEntries(application, null, NOW)).toBeNull()
    await application.transaction(async (queries) => {
      await queries.query('INSERT INTO ecomind.factor_override_counters VALUES ($1, 1)', [orgId])
      await queries.query('UPDATE ecomind.factor_override_counters SET revision = 2 WHERE org_id = $1', [orgId])
      await recordAudit(queries, doerAt(NOW), anAction(orgId))
    })
    expect((await verifyTrail(owner, orgId, null)).entries).toBe(3)
  })
})
