/** What an administrator of the database can do to a trail, by hand and with the triggers off, and what it is told as. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import { anAction, doerAt, newKeys, newOrgId, recordAll, tamper } from '../testing/audit-trail.ts'
import { quietLogger } from '../testing/quiet-logger.ts'
import { openTestStore } from '../testing/test-store.ts'
import { readChain } from './audit-store.ts'
import { type AuditEntry, hashOf } from './entry.ts'
import { recordAudit } from './record-audit.ts'
import { signDays } from './sign-heads.ts'
import { readHeads } from './signed-heads.ts'
import { verifyTrail } from './verify/verify-trail.ts'

const DAY = (day: number, hour = 12) => new Date(Date.UTC(2026, 4, day, hour))
const NOW = DAY(20)
const keys = newKeys()

describe('a trail', () => {
  let database: Database
  let orgId = ''
  beforeAll(async () => {
    database = await openTestStore()
  })
  afterAll(async () => await database.close())

  /** Ten entries, two a day, none signed; numbers 1 to 10. */
  async function tenEntries(): Promise<readonly AuditEntry[]> {
    orgId = newOrgId()
    const times = [1, 2, 3, 4, 5].flatMap((day) => [DAY(day, 9), DAY(day, 17)])
    await recordAll(database, orgId, times)
    return await readChain(database, orgId, 0, 100)
  }
  const idOf = (entries: readonly AuditEntry[], seq: number) => entries[seq - 1]?.id
  const verify = () => verifyTrail(database, orgId, keys)
  const signed = async () => {
    const heads = await signDays({ database, keys, logger: quietLogger }, NOW)
    return heads.filter((head) => head.orgId === orgId)
  }
  const where = (seq: number) => `org_id = '${orgId}' AND seq = ${seq}`
  const set = (seq: number, what: string) => `UPDATE ecomind.audit_entries SET ${what} WHERE ${where(seq)}`

  test('that nobody touched is whole, signed or not', async () => {
    await tenEntries()
    expect(await verify()).toMatchObject({ fault: null, entries: 10, firstSeq: 1, lastSeq: 10, signed: null })
    expect(await signed()).toHaveLength(5)
    expect(await verify()).toMatchObject({ fault: null, entries: 10, signed: { seq: 10, day: '2026-05-05' } })
  })

  test.each([
    ['actor', "actor = 'user/someone-else'"],
    ['time', "at = at + interval '1 millisecond'"],
    ['details', `after = '{"name": "number 04"}'`],
    ['outcome', "outcome = 'refused'"],
    ['address', 'from_address = NULL'],
  ])('a changed %s is found and named', async (_, what) => {
    const entries = await tenEntries()
    await tamper(database, set(4, what))
    expect((await verify()).fault).toMatchObject({ kind: 'changed', seq: 4, id: idOf(entries, 4) })
  })

  test('a change with its own hash made to fit is named by the link behind it', async () => {
    const entries = await tenEntries()
    const fourth = entries[3]
    if (fourth === undefined) throw new Error('there is no fourth entry')
    const hash = hashOf({ ...fourth, actor: 'user/x' })
    await tamper(database, set(4, `actor = 'user/x', hash = '${hash}'`))
    expect((await verify()).fault).toMatchObject({ kind: 'changed', seq: 4, id: idOf(entries, 4) })
  })

  test('a removed row in the middle is named by its number, also when the others move up', async () => {
    await tenEntries()
    await tamper(database, `DELETE FROM ecomind.audit_entries WHERE ${where(6)}`)
    expect((await verify()).fault).toMatchObject({ kind: 'removed', seq: 6, id: null })
    for (let seq = 7; seq <= 10; seq++) await tamper(database, set(seq, `seq = ${seq - 1}`))
    expect((await verify()).fault).toMatchObject({ kind: 'removed', seq: 6 })
  })

  test('a removed end is found by the head; a head put back as well, by the signed one', async () => {
    const entries = await tenEntries()
    await tamper(database, `DELETE FROM ecomind.audit_entries WHERE org_id = '${orgId}' AND seq > 8`)
    expect((await verify()).fault).toMatchObject({ kind: 'removed', seq: 9, message: 'Entries 9 to 10 are missing' })

    await tenEntries()
    await signed()
    const eighth = (await readChain(database, orgId, 7, 1))[0]
    await tamper(
      database,
      `DELETE FROM ecomind.audit_entries WHERE org_id = '${orgId}' AND seq > 8`,
      `UPDATE ecomind.audit_heads SET seq = 8, hash = '${eighth?.hash}' WHERE org_id = '${orgId}'`,
    )
    expect((await verify()).fault).toMatchObject({ kind: 'removed', seq: 9 })
    expect(entries).toHaveLength(10)
  })

  test('everything removed is found', async () => {
    await tenEntries()
    await tamper(database, `DELETE FROM ecomind.audit_entries WHERE org_id = '${orgId}'`)
    expect((await verify()).fault).toMatchObject({ kind: 'removed', seq: 1 })
  })

  test('two entries that changed places are named', async () => {
    const entries = await tenEntries()
    await tamper(database, set(3, 'seq = 1000'), set(5, 'seq = 3'), set(1000, 'seq = 5'))
    expect((await verify()).fault).toMatchObject({ kind: 'reordered', seq: 3, id: idOf(entries, 5) })
  })

  test('an entry that was put in is named, in the middle and at the end', async () => {
    await tenEntries()
    const third = (await readChain(database, orgId, 2, 1))[0]
    if (third === undefined) throw new Error('there is no third entry')
    const made = { ...third, seq: 4, prevHash: third.hash, actor: 'user/invented' }
    for (let seq = 10; seq >= 4; seq--) await tamper(database, set(seq, `seq = ${seq + 1}`))
    await tamper(database, insertOf(made))
    const inserted = (await readChain(database, orgId, 3, 1))[0]
    expect((await verify()).fault).toMatchObject({ kind: 'inserted', seq: 4, id: inserted?.id })

    const entries = await tenEntries()
    const last = entries[9]
    if (last === undefined) throw new Error('there is no tenth entry')
    await tamper(database, insertOf({ ...last, seq: 11, prevHash: last.hash }))
    expect((await verify()).fault).toMatchObject({ kind: 'inserted', seq: 11 })
  })

  test('an entry outside of the chain is named', async () => {
    const entries = await tenEntries()
    await tamper(database, insertOf({ ...(entries[0] as AuditEntry), seq: null }))
    const [row] = await database.query<{ id: number }>(
      'SELECT id FROM ecomind.audit_entries WHERE org_id = $1 AND seq IS NULL',
      [orgId],
    )
    expect((await verify()).fault).toMatchObject({ kind: 'inserted', id: row?.id })
  })

  test('a head that was changed or removed is named', async () => {
    await tenEntries()
    await tamper(database, `UPDATE ecomind.audit_heads SET hash = repeat('a', 64) WHERE org_id = '${orgId}'`)
    expect((await verify()).fault).toMatchObject({ kind: 'head', seq: 10 })
    await tamper(database, `DELETE FROM ecomind.audit_heads WHERE org_id = '${orgId}'`)
    expect((await verify()).fault).toMatchObject({ kind: 'head', seq: 10 })
  })

  /** Changes entry 4 and makes every hash behind it anew, head included. */
  async function rebuild(): Promise<void> {
    const entries = await readChain(database, orgId, 0, 100)
    let prevHash = ''
    for (const entry of entries.slice(3)) {
      const made = { ...entry, ...(entry.seq === 4 ? { actor: 'user/x' } : { prevHash }) }
      prevHash = hashOf(made)
      await tamper(
        database,
        set(entry.seq, `actor = '${made.actor}', prev_hash = '${made.prevHash}', hash = '${prevHash}'`),
      )
    }
    await tamper(database, `UPDATE ecomind.audit_heads SET hash = '${prevHash}' WHERE org_id = '${orgId}'`)
  }

  test('a chain that was made anew is whole in itself, and not the one whose head was signed', async () => {
    await tenEntries()
    await rebuild()
    expect((await verify()).fault).toBeNull()

    await tenEntries()
    await signed()
    await rebuild()
    const { fault } = await verify()
    expect(fault).toMatchObject({ kind: 'signed_head', seq: 4 })
    expect(fault?.message).toContain('one of the entries 3 to 4 was changed')
  })

  test('signed heads that were made anew with another key, or moved to another key, are named', async () => {
    await tenEntries()
    await signed()
    await rebuild()
    await tamper(database, `DELETE FROM ecomind.audit_checkpoints WHERE org_id = '${orgId}'`)
    await signDays({ database, keys: newKeys(), logger: quietLogger }, NOW)
    expect((await verify()).fault).toMatchObject({ kind: 'signature', seq: 2 })
    await tamper(database, `UPDATE ecomind.audit_checkpoints SET key_id = 'older' WHERE org_id = '${orgId}'`)
    expect((await verify()).fault).toMatchObject({ kind: 'signature', message: expect.stringContaining('older') })
  })

  test('signed heads that were kept elsewhere name a chain whose own were removed', async () => {
    await tenEntries()
    const published = await signed()
    await rebuild()
    await tamper(database, `DELETE FROM ecomind.audit_checkpoints WHERE org_id = '${orgId}'`)
    expect((await verify()).fault).toBeNull()
    const { fault } = await verifyTrail(database, orgId, keys, published)
    expect(fault).toMatchObject({ kind: 'signed_head', seq: 4 })
  })

  test('a broken trail is not signed; one day is signed once by several processes', async () => {
    await tenEntries()
    const both = await Promise.all([signed(), signed()])
    expect(both.flat()).toHaveLength(5)
    expect(await readHeads(database, orgId, 100)).toHaveLength(5)
    await tenEntries()
    await tamper(database, set(4, "actor = 'user/x'"))
    expect((await signed()).map((h) => h.seq)).toEqual([2])
  })

  test('the day that is not over is left for later', async () => {
    orgId = newOrgId()
    await recordAll(database, orgId, [DAY(19), NOW])
    expect((await signed()).map((h) => [h.day, h.seq])).toEqual([['2026-05-19', 1]])
  })

  test('an entry that does not continue the chain is refused by the database', async () => {
    const entries = await tenEntries()
    const last = entries[9] as AuditEntry
    for (const wrong of [
      { ...last, seq: 12, prevHash: last.hash },
      { ...last, seq: 11 },
      { ...last, seq: null, prevHash: last.hash },
    ])
      await expect(database.script(insertOf(wrong))).rejects.toThrow(/does not continue the chain/)
    await database.transaction((queries) => recordAudit(queries, doerAt(NOW), anAction(orgId)))
    expect((await verify()).fault).toBeNull()
  })

  function insertOf(entry: Omit<AuditEntry, 'seq'> & { readonly seq: number | null }): string {
    const made = { ...entry, seq: entry.seq ?? 1 }
    return `INSERT INTO ecomind.audit_entries
      (org_id, seq, at, actor, role, from_address, action, resource_type, resource_id, request_id, before, after, outcome, prev_hash, hash)
      VALUES ('${entry.orgId}', ${entry.seq ?? 'NULL'}, '${entry.at.toISOString()}', '${entry.actor}', '${entry.role}',
        '${entry.from}', '${entry.action}', '${entry.resourceType}', '${entry.resourceId}', '${entry.requestId}',
        '${JSON.stringify(entry.before)}', '${JSON.stringify(entry.after)}', '${entry.outcome}', '${entry.prevHash}', '${hashOf(made)}')`
  }
})
