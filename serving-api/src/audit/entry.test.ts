import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AuditContent, hashOf, NO_HASH } from './entry.ts'

const entry: AuditContent = {
  orgId: 'org_a',
  seq: 1,
  at: new Date('2026-05-01T12:00:00.123Z'),
  actor: 'user/u1',
  role: 'admin',
  from: null,
  action: 'update',
  resourceType: 'organisation',
  resourceId: 'org_a',
  requestId: 'r1',
  before: { name: 'Ä', limit: 1e21 },
  after: { z: 1, a: [true, null, 0.1] },
  outcome: 'done',
  prevHash: NO_HASH,
}

describe('hashOf', () => {
  test('is SHA-256 of the text that docs/audit.md states', () => {
    const text = `{"action":"update","actor":"user/u1","after":{"a":[true,null,0.1],"z":1},"at":"2026-05-01T12:00:00.123Z","before":{"limit":1e+21,"name":"Ä"},"from":null,"org_id":"org_a","outcome":"done","prev_hash":"${NO_HASH}","request_id":"r1","resource_id":"org_a","resource_type":"organisation","role":"admin","seq":1}`
    expect(hashOf(entry)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'))
  })

  test('does not depend on the order of names in the details', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 6 }), (after) => {
        const turned = Object.fromEntries(Object.entries(after).reverse())
        expect(hashOf({ ...entry, after: turned })).toBe(hashOf({ ...entry, after }))
      }),
    )
  })

  const others: { readonly [K in keyof AuditContent]: AuditContent[K] } = {
    orgId: 'org_b',
    seq: 2,
    at: new Date('2026-05-01T12:00:00.124Z'),
    actor: 'user/u2',
    role: 'owner',
    from: '192.0.2.1',
    action: 'delete',
    resourceType: 'team',
    resourceId: 'org_b',
    requestId: 'r2',
    before: null,
    after: { z: 1, a: [true, null, 0.2] },
    outcome: 'refused',
    prevHash: 'f'.repeat(64),
  }
  test.each(Object.keys(others) as (keyof AuditContent)[])('changes with %s', (name) => {
    expect(hashOf({ ...entry, [name]: others[name] })).not.toBe(hashOf(entry))
  })
})
