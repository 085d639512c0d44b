/** Entries for tests of the trail, the keys that sign it, and the hand that changes it. */
import { randomBytes, randomUUID } from 'node:crypto'
import { readKeyRing } from '@ecomind/schemas/keys'
import type { Doer } from '../audit/doer.ts'
import { type HeadKeys, headKeysOf } from '../audit/head-keys.ts'
import { type AuditedAction, recordAudit } from '../audit/record-audit.ts'
import type { Database } from '../database/database.ts'

/** Every test has its own organisation, with a trail of its own. */
export const newOrgId = (): string => `org_${randomUUID().slice(0, 13)}`

export const newKeys = (): HeadKeys => headKeysOf(readKeyRing(`k1:${randomBytes(32).toString('base64')}`))

export const doerAt = (at: Date): Doer => ({ actor: 'user/u1', role: 'admin', from: '192.0.2.7', requestId: 'r1', at })

export const anAction = (orgId: string, fields: Partial<AuditedAction> = {}): AuditedAction => ({
  orgId,
  action: 'update',
  resourceType: 'organisation',
  resourceId: orgId,
  before: { name: 'before' },
  after: { name: 'after' },
  ...fields,
})

/** One entry a time, each in a transaction of its own. */
export async function recordAll(database: Database, orgId: string, times: readonly Date[]): Promise<void> {
  for (const [i, at] of times.entries()) {
    await database.transaction((queries) =>
      recordAudit(queries, doerAt(at), anAction(orgId, { after: { name: `number ${i + 1}` } })),
    )
  }
}

/** What whoever owns the database can do: statements with the triggers of the trail switched off. */
export async function tamper(database: Database, ...statements: readonly string[]): Promise<void> {
  const tables = ['audit_entries', 'audit_heads', 'audit_checkpoints']
  const all = (what: string) => tables.map((table) => `ALTER TABLE ecomind.${table} ${what} TRIGGER USER;`).join('')
  await database.transaction(async (queries) => {
    await queries.script(all('DISABLE'))
    for (const statement of statements) await queries.script(statement)
    await queries.script(all('ENABLE'))
  })
}
