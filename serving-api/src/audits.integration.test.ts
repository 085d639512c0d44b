import { randomBytes } from 'node:crypto'
import { readKeyRing } from '@ecomind/schemas/keys'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { auditFields, hashOf } from './audit/entry.ts'
import { recordAudit } from './audit/record-audit.ts'
import type { Database } from './database/database.ts'
import { anAction, doerAt, tamper } from './testing/audit-trail.ts'
import { FakeClickHouse } from './testing/fake-clickhouse.ts'
import { startTestApi, type TestApi } from './testing/test-api.ts'
import { openTestStore } from './testing/test-store.ts'

const NOW = new Date()
let database: Database
let api: TestApi

beforeAll(async () => {
  database = await openTestStore()
  api = await startTestApi(
    new FakeClickHouse(),
    { database, nowMs: () => NOW.getTime() },
    { keyRing: readKeyRing(`k1:${randomBytes(32).toString('base64')}`) },
  )
  for (let i = 1; i <= 7; i++) {
    const after = { name: i === 3 ? '=1+1' : `line ${i}\n"quoted", ü` }
    await recordAudit(
      database,
      { ...doerAt(NOW), actor: i === 3 ? '=cmd()' : `user/u${i}` },
      anAction('org_demo', { after }),
    )
  }
})
afterAll(async () => {
  await api.stop()
  await database.close()
})

interface Item {
  readonly seq: number
  readonly actor: string
  readonly action: string
  readonly resource_type: string
  readonly resource_id: string
  readonly outcome: string
  readonly after: Record<string, unknown> | null
}
const get = async (path: string) => {
  const answer = await api.get(`/v1/audits${path}${path.includes('?') ? '&' : '?'}org_id=org_demo`)
  return { ...answer, body: answer.json as { items: Item[]; next_cursor?: string } }
}
const updates = 'resource_type=organisation'

describe('/v1/audits', () => {
  test('pages from the newest on, and filters', async () => {
    const first = await get(`?${updates}&limit=4`)
    expect(first.body.items.map((i) => i.seq)).toEqual([7, 6, 5, 4])
    const second = await get(`?${updates}&limit=4&cursor=${first.body.next_cursor}`)
    expect(second.body.items.map((i) => i.seq)).toEqual([3, 2, 1])
    expect(second.body.next_cursor).toBeUndefined()
    expect((await get('?actor=user/u5')).body.items.map((i) => i.seq)).toEqual([5])
    expect((await get(`?${updates}&outcome=refused`)).body.items).toEqual([])
    expect((await get(`?${updates}&to=2020-01-01`)).body.items).toEqual([])
    expect((await get(`?${updates}&from=2020-01-01`)).body.items).toHaveLength(7)
    expect((await get('?from=2020-01-02&to=2020-01-01')).status).toBe(400)
  })

  test('an organisation that is not theirs is unknown, and so is its cursor', async () => {
    expect((await api.get('/v1/audits?org_id=org_other')).status).toBe(404)
    const cursor = Buffer.from(JSON.stringify({ v: 1, list: 'audits', org: 'org_other', at: { seq: 3 } })).toString(
      'base64url',
    )
    expect((await get(`?cursor=${cursor}`)).status).toBe(404)
  })

  test('is exported as JSON lines that verify without the product, and the export is an entry', async () => {
    const { text, headers } = await get('/export')
    expect(headers.get('content-type')).toContain('application/x-ndjson')
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    let prevHash = '0'.repeat(64)
    for (const [i, line] of lines.entries()) {
      expect(line).toMatchObject({ seq: i + 1, prev_hash: prevHash })
      const { id: _, hash, ...fields } = line
      const content = {
        orgId: fields.org_id,
        seq: fields.seq,
        at: new Date(fields.at),
        actor: fields.actor,
        role: fields.role,
        from: fields.from,
        action: fields.action,
        resourceType: fields.resource_type,
        resourceId: fields.resource_id,
        requestId: fields.request_id,
        before: fields.before,
        after: fields.after,
        outcome: fields.outcome,
        prevHash: fields.prev_hash,
      }
      expect(auditFields(content)).toEqual(fields)
      expect(hashOf(content)).toBe(hash)
      prevHash = hash
    }
    // Reads of before are told when half a second is over, perhaps behind it.
    const exports = lines.filter((line) => line.action === 'export')
    expect(exports).toMatchObject([{ resource_type: 'audit', actor: 'local' }])
  })

  test('is exported as CSV in which nothing is a formula', async () => {
    const { text } = await get(`/export?format=csv&${updates}`)
    const rows = text.split('\r\n')
    expect(rows[0]).toMatch(/^id,org_id,seq,at,actor/)
    expect(rows).toHaveLength(9)
    expect(rows[3]).toContain(",'=cmd(),")
    expect(rows[1]).toContain('"{""name"":""line 1\\n\\""quoted\\"", ü""}"')
    expect((await get('/export?format=xml')).status).toBe(400)
  })

  test('heads are signed on demand, verify with the public key, and the trail is whole', async () => {
    const signed = await api.get('/v1/audits/heads?org_id=org_demo', { method: 'POST' })
    const [head] = (signed.json as { items: { seq: number; key_id: string }[] }).items
    expect(head).toMatchObject({ key_id: 'k1', day: NOW.toISOString().slice(0, 10) })
    const keys = (await api.get('/v1/audits/keys')).json as { items: { id: string; public_key: string }[] }
    expect(keys.items).toEqual([
      { id: 'k1', algorithm: 'Ed25519', public_key: expect.stringContaining('BEGIN PUBLIC KEY') },
    ])
    expect((await get('/heads')).body.items).toContainEqual(head)
    const verified = (await get('/verify')).json
    expect(verified).toMatchObject({ ok: true, fault: null, signatures_checked: true, signed: { seq: head?.seq } })
    expect(api.logLines.some((line) => line.includes('"audit_head"'))).toBe(true)
  })

  test('reads of people and of the trail itself are told, once however often they are done', async () => {
    for (let i = 0; i < 3; i++) await get('?actor=user/u1')
    await vi.waitFor(
      async () => {
        const { items } = (await get('?resource_type=endpoint')).body
        expect(items.filter((i) => i.resource_id === 'GET /v1/audits')).toHaveLength(1)
        expect(items.find((i) => i.resource_id === 'GET /v1/audits')).toMatchObject({ action: 'read', outcome: 'done' })
      },
      { timeout: 60_000 },
    )
  })

  test('refused attempts are told, once however often they are made', async () => {
    const body = JSON.stringify({ id: 'org_new', name: 'New' })
    for (let i = 0; i < 3; i++) {
      const answer = await api.get('/v1/orgs', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      })
      expect(answer.status).toBe(403)
    }
    await vi.waitFor(
      async () => {
        const { items } = (await get('?outcome=refused')).body
        expect(items).toMatchObject([{ action: 'create', actor: 'local', resource_id: 'POST /v1/orgs' }])
      },
      { timeout: 60_000 },
    )
  })

  test('what an administrator of the database changes is named', async () => {
    await tamper(database, "UPDATE ecomind.audit_entries SET actor = 'user/x' WHERE org_id = 'org_demo' AND seq = 4")
    expect((await get('/verify')).json).toMatchObject({ ok: false, fault: { kind: 'changed', seq: 4 } })
  })
})
