import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accessOf } from './decide.ts'
import type { Grant, Principal } from './principal.ts'
import { isRowPermission, KEY_PERMISSIONS, KEY_SCOPES, PERMISSIONS, ROLE_PERMISSIONS, ROLES } from './roles.ts'

const LOCAL = 'org_demo'
const person = (grants: readonly Grant[], usageUserId: string | null = 'alice@a.example'): Principal => ({
  kind: 'session',
  sessionId: 's',
  people: [{ orgId: 'org_a', userId: 'u1', email: 'alice@a.example', name: 'Alice', usageUserId, grants }],
})
const grant = fc.oneof(
  fc.record({ role: fc.constantFrom(...ROLES), scope: fc.constant({ kind: 'organisation' as const }) }),
  fc.record({
    role: fc.constantFrom(...ROLES),
    scope: fc.record({ kind: fc.constantFrom('team' as const, 'project' as const), id: fc.constantFrom('ml', 'web') }),
  }),
)

describe('accessOf', () => {
  test('whoever does not belong to an organisation knows nothing of it', () => {
    const strangers: Principal[] = [
      { kind: 'anonymous' },
      { kind: 'local' },
      { kind: 'key', orgId: 'org_b', keyId: 'k', scopes: [...KEY_SCOPES], ofFirstOrganisation: true },
      { kind: 'token', orgId: 'org_b', subject: 's', grants: [{ role: 'owner', scope: { kind: 'organisation' } }] },
      person([{ role: 'owner', scope: { kind: 'organisation' } }]),
    ]
    for (const principal of strangers) expect(accessOf(principal, 'org_c', LOCAL), principal.kind).toBeNull()
  })

  test('local mode may everything in the demo organisation', () => {
    const access = accessOf({ kind: 'local' }, LOCAL, LOCAL)
    for (const permission of PERMISSIONS) expect(access?.may(permission), permission).toBe(true)
  })

  test.each(ROLES)('%s for the organisation may what the table says, and nothing else', (role) => {
    const access = accessOf(person([{ role, scope: { kind: 'organisation' } }], null), 'org_a', LOCAL)
    for (const permission of PERMISSIONS) {
      // Their own rows are everyone's.
      const expected = isRowPermission(permission) || ROLE_PERMISSIONS[role].has(permission)
      expect(access?.may(permission), permission).toBe(expected)
    }
  })

  test.each(KEY_SCOPES)('a key with the scope %s may what the table says', (scope) => {
    const principal = { kind: 'key', orgId: 'org_a', keyId: 'k', scopes: [scope], ofFirstOrganisation: false } as const
    const access = accessOf(principal, 'org_a', LOCAL)
    for (const permission of PERMISSIONS)
      expect(access?.may(permission), permission).toBe(KEY_PERMISSIONS[scope].has(permission))
  })

  test('no key and no role but owner may make owners', () => {
    const mayMakeOwners = [...ROLES.filter((r) => ROLE_PERMISSIONS[r].has('owners:write'))]
    expect(mayMakeOwners).toEqual(['owner'])
    for (const scope of KEY_SCOPES) expect(KEY_PERMISSIONS[scope].has('owners:write')).toBe(false)
  })

  test('a role in a team or project gives rows there and nothing of the organisation; one’s own are always there', () => {
    fc.assert(
      fc.property(fc.array(grant, { maxLength: 5 }), (grants) => {
        const access = accessOf(person(grants), 'org_a', LOCAL)
        const whole = grants.filter((g) => g.scope.kind === 'organisation')
        for (const permission of PERMISSIONS) {
          const byWhole = whole.some((g) => ROLE_PERMISSIONS[g.role].has(permission))
          const rows = access?.rows(permission)
          if (!isRowPermission(permission)) {
            expect(access?.may(permission)).toBe(byWhole)
            expect(rows).toBeNull()
          } else if (byWhole) expect(rows).toEqual({ kind: 'all' })
          else {
            const giving = grants.filter((g) => ROLE_PERMISSIONS[g.role].has(permission))
            const ids = (kind: string) =>
              giving.flatMap((g) => (g.scope.kind === kind && 'id' in g.scope ? [g.scope.id] : []))
            expect(rows).toEqual({
              kind: 'some',
              teamIds: ids('team'),
              projectIds: ids('project'),
              ownUserId: 'alice@a.example',
            })
          }
        }
      }),
    )
  })

  test('a service without a role sees no rows', () => {
    const access = accessOf({ kind: 'token', orgId: 'org_a', subject: 's', grants: [] }, 'org_a', LOCAL)
    for (const permission of PERMISSIONS) expect(access?.may(permission)).toBe(false)
  })
})
