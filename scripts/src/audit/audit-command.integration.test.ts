/** The command as an operator runs it, on the folder of a product that is stopped. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Database, openDatabase, recordAudit } from '@ecomind/serving-api'
import { afterAll, beforeAll, expect, test } from 'vitest'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'ecomind-audit-command-'))
const folder = join(root, 'control')
const env = {
  PATH: process.env['PATH'],
  ECOMIND_DATA_DIR: root,
  ECOMIND_SECRET_KEYS: `k1:${randomBytes(32).toString('base64')}`,
}

function audit(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', MAIN, ...args], { env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err })
    })
  })
}

async function withStore(work: (database: Database) => Promise<void>): Promise<void> {
  const database = await openDatabase({ kind: 'pglite', folder })
  try {
    await work(database)
  } finally {
    await database.close()
  }
}

beforeAll(async () => {
  await withStore(async (database) => {
    for (const orgId of ['org_a', 'org_b', 'org_a']) {
      const doer = { actor: 'user/u1', role: 'admin', from: null, requestId: 'r', at: new Date('2026-05-01T12:00:00Z') }
      await recordAudit(database, doer, {
        orgId,
        action: 'update',
        resourceType: 't',
        resourceId: 'x',
        before: null,
        after: { n: 1 },
      })
    }
  })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('verify, sign, and what was changed by hand, also against heads that were kept elsewhere', async () => {
  expect(await audit('verify')).toMatchObject({
    code: 0,
    out: 'ok     org_a  2 entries, no head is signed\nok     org_b  1 entries, no head is signed\n',
  })
  const signed = await audit('sign', '--org', 'org_a')
  expect(signed).toMatchObject({ code: 0, err: '' })
  const heads = join(root, 'heads.jsonl')
  writeFileSync(heads, signed.out)
  const again = await audit('verify', '--json', '--heads', heads)
  expect(JSON.parse(again.out)).toMatchObject({
    ok: true,
    trails: [{ orgId: 'org_a', signed: { seq: 2 } }, { orgId: 'org_b' }],
  })

  await withStore((database) =>
    database.script(`ALTER TABLE ecomind.audit_entries DISABLE TRIGGER USER;
      UPDATE ecomind.audit_entries SET actor = 'user/x' WHERE org_id = 'org_a' AND seq = 2;
      ALTER TABLE ecomind.audit_entries ENABLE TRIGGER USER;`),
  )
  const broken = await audit('verify', '--org', 'org_a')
  expect(broken.code).toBe(1)
  expect(broken.out).toMatch(/^fault {2}org_a {2}changed: Entry 2: .* \(id \d+\)\n$/)
  expect(await audit('verify', '--org', 'org_b')).toMatchObject({ code: 0 })
  expect(await audit('verify', '--org', 'org_c')).toMatchObject({
    code: 1,
    err: 'audit: there is no audit trail of org_c\n',
  })
})

test('a folder that another process has is told with the way out', async () => {
  await withStore(async () => {
    const refused = await audit('verify')
    expect(refused.code).toBe(1)
    expect(refused.err).toMatch(/open the control store in .*\n.*stop the product first, or ask it/)
  })
})
