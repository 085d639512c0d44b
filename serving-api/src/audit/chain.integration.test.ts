/** The chain as its writers make it: many at once, of several organisations, in any order. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import { anAction, doerAt, newKeys, newOrgId, recordAll, tamper } from '../testing/audit-trail.ts'
import { openTestStore } from '../testing/test-store.ts'
import { readChain } from './audit-store.ts'
import { chainEarlierEntries } from './chain-earlier-entries.ts'
import { recordAudit } from './record-audit.ts'
import { removeOldEntries } from './remove-old.ts'
import { verifyTrail } from './verify/verify-trail.ts'

const AT = new Date('2026-05-01T12:00:00.123Z')
const DAY_MS = 86_400_000

describe('the audit chain', () => {
  let database: Database
  beforeAll(async () => {
    database = await openTestStore()
  })
  afterAll(async () => await database.close())
  const insertOrganisation = (id: string, settings: string) =>
    database.query(
      `INSERT INTO ecomind.organisations
        (id, name, timezone, retention_days, settings, pseudonym_key_0, pseudonym_key_1, created_at, updated_at)
       VALUES ($1, $1, 'UTC', 30, $2::jsonb, '1', '2', now(), now())`,
      [id, JSON.parse(settings)],
    )

  test('any interleaving of transactions over several organisations leaves whole chains without gaps', async () => {
    const transaction = fc.record({
      // Which organisations, in which order: two of them in opposite orders would wait for each other for ever.
      orgs: fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }),
      fails: fc.boolean(),
      detail: fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { maxKeys: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(transaction, { minLength: 2, maxLength: 12 }), async (transactions) => {
        const orgIds = [newOrgId(), newOrgId(), newOrgId()]
        const done = await Promise.allSettled(
          transactions.map(({ orgs, fails, detail }) =>
            database.transaction(async (queries) => {
              for (const i of orgs)
                await recordAudit(queries, doerAt(AT), anAction(orgIds[i] ?? '', { after: cleaned(detail) }))
              if (fails) throw new RangeError('changed my mind')
            }),
          ),
        )
        const expected = [0, 0, 0]
        for (const [i, { orgs, fails }] of transactions.entries()) {
          expect(done[i]?.status).toBe(fails ? 'rejected' : 'fulfilled')
          if (!fails) for (const org of orgs) expected[org] = (expected[org] ?? 0) + 1
        }
        for (const [i, orgId] of orgIds.entries()) {
          const trail = await verifyTrail(database, orgId, null)
          expect(trail).toMatchObject({ fault: null, entries: expected[i], lastSeq: expected[i] })
        }
      }),
      { numRuns: 25 },
    )
  })

  test('an entry is written after everything else of its transaction, and outside of one at once', async () => {
    const orgId = newOrgId()
    const count = async () => (await readChain(database, orgId, 0, 10)).length
    await database.transaction(async (queries) => {
      await recordAudit(queries, doerAt(AT), anAction(orgId))
      expect(await queries.query('SELECT 1 FROM ecomind.audit_entries WHERE org_id = $1', [orgId])).toEqual([])
    })
    expect(await count()).toBe(1)
    await Promise.all(Array.from({ length: 5 }, () => recordAudit(database, doerAt(AT), anAction(orgId))))
    expect(await count()).toBe(6)
    expect((await verifyTrail(database, orgId, null)).fault).toBeNull()
  })

  test('what PostgreSQL does not keep does not stop an entry', async () => {
    const orgId = newOrgId()
    const after = { text: 'a\0b\ud800', nested: [{ when: new Date(0), none: undefined, tiny: 5e-324, big: 1e300 }] }
    await recordAudit(database, doerAt(AT), anAction(orgId, { resourceId: 'x\0y', after }))
    const [entry] = await readChain(database, orgId, 0, 1)
    expect(entry).toMatchObject({
      resourceId: 'x\ufffdy',
      after: { text: 'a\ufffdb\ufffd', nested: [{ when: '1970-01-01T00:00:00.000Z', tiny: 5e-324, big: 1e300 }] },
    })
    expect((await verifyTrail(database, orgId, null)).fault).toBeNull()
  })

  test('entries of before the chain are put into it in their order, once', async () => {
    const orgId = newOrgId()
    const insert = (n: number) => `INSERT INTO ecomind.audit_entries
      (org_id, at, actor, action, resource_type, resource_id, request_id, before, after)
      VALUES ('${orgId}', '2025-01-0${n}T00:00:00Z', 'local', 'update', 't', '${n}', 'r', NULL, '{"n": ${n}}')`
    await tamper(database, insert(1), insert(2), insert(3))
    const both = await Promise.all([chainEarlierEntries(database), chainEarlierEntries(database)])
    expect(both.toSorted()).toEqual([0, 3])
    await recordAudit(database, doerAt(AT), anAction(orgId))
    expect((await readChain(database, orgId, 0, 10)).map((e) => [e.seq, e.resourceId])).toEqual([
      [1, '1'],
      [2, '2'],
      [3, '3'],
      [4, orgId],
    ])
    expect((await verifyTrail(database, orgId, null)).fault).toBeNull()
  })

  describe('removal of old entries', () => {
    const now = new Date()
    const daysAgo = (days: number) => new Date(now.getTime() - days * DAY_MS)
    const keys = newKeys()

    test('keeps what the setting says, and what is left verifies and tells of it', async () => {
      const orgId = newOrgId()
      await insertOrganisation(orgId, '{"audit_retention_days": 400}')
      await recordAll(database, orgId, [500, 450, 401.5, 390, 1].map(daysAgo))
      const removals = await removeOldEntries(database, keys, now)
      expect(removals?.filter((r) => r.orgId === orgId)).toEqual([{ orgId, entries: 3, throughSeq: 3 }])
      expect(await verifyTrail(database, orgId, keys)).toMatchObject({
        fault: null,
        entries: 3,
        firstSeq: 4,
        signed: { seq: 3 },
      })
      const told = (await readChain(database, orgId, 0, 10)).at(-1)
      expect(told).toMatchObject({ action: 'remove_old', actor: 'operator', after: { entries: 3, through_seq: 3 } })
      const again = await removeOldEntries(database, keys, now)
      expect(again?.filter((r) => r.orgId === orgId)).toEqual([])
    })

    test('a trail that is too old as a whole keeps the entry that says so', async () => {
      const orgId = newOrgId()
      await insertOrganisation(orgId, '{"audit_retention_days": 365}')
      await recordAll(database, orgId, [500, 450].map(daysAgo))
      await removeOldEntries(database, null, now)
      expect(await verifyTrail(database, orgId, null)).toMatchObject({ fault: null, entries: 1, firstSeq: 3 })
      await tamper(database, `DELETE FROM ecomind.audit_entries WHERE org_id = '${orgId}'`)
      expect((await verifyTrail(database, orgId, null)).fault).toMatchObject({ kind: 'removed', seq: 3 })
    })

    test('a beginning that was cut off by hand is named', async () => {
      const orgId = newOrgId()
      await recordAll(database, orgId, [daysAgo(3), daysAgo(2), daysAgo(1)])
      const second = (await readChain(database, orgId, 1, 1))[0]
      await tamper(
        database,
        `DELETE FROM ecomind.audit_entries WHERE org_id = '${orgId}' AND seq <= 2`,
        `UPDATE ecomind.audit_heads SET cut_seq = 2, cut_hash = '${second?.hash}' WHERE org_id = '${orgId}'`,
      )
      expect((await verifyTrail(database, orgId, null)).fault).toMatchObject({ kind: 'removed', seq: 2 })
    })

    test('nothing of the last year goes, whoever asks; nothing goes without the function', async () => {
      const orgId = newOrgId()
      await recordAll(database, orgId, [daysAgo(400), daysAgo(300)])
      const remove = database.query('SELECT ecomind.remove_audit_entries($1, 2)', [orgId])
      await expect(remove).rejects.toThrow(/last 365 days/)
      for (const statement of ['DELETE FROM', 'TRUNCATE'])
        await expect(database.script(`${statement} ecomind.audit_entries`)).rejects.toThrow(/only grows/)
      await expect(database.script("UPDATE ecomind.audit_entries SET actor = 'x'")).rejects.toThrow(/only grows/)
      expect(await readChain(database, orgId, 0, 10)).toHaveLength(2)
    })
  })
})

/** Names that jsonb keeps, and no `__proto__`, which is no name of ours. */
function cleaned(detail: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const text = JSON.stringify(detail)
    .replaceAll('\\u0000', '')
    .replaceAll(/\\ud[89a-f][0-9a-f]{2}/g, '')
  return JSON.parse(text) as Record<string, unknown>
}
