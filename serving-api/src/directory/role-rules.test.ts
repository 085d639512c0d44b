import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accessOf } from '../access/decide.ts'
import type { Grant, Principal } from '../access/principal.ts'
import { isRowPermission, KEY_SCOPES, ROLE_PERMISSIONS, ROLES } from '../access/roles.ts'
import { faultOfGiving, faultOfTouching, grantChanges, grantKey, isOwnership, lackedRights } from './role-rules.ts'

const scope = fc.oneof(
  fc.constant({ kind: 'organisation' as const }),
  fc.record({ kind: fc.constantFrom('team' as const, 'project' as const), id: fc.constantFrom('ml', 'web') }),
)
const grant: fc.Arbitrary<Grant> = fc.record({ role: fc.constantFrom(...ROLES), scope })
const grants = fc.array(grant, { maxLength: 6 })

function accessOfGrants(held: readonly Grant[]) {
  const person = { orgId: 'o', userId: 'u', email: 'u@o.example', name: 'U', usageUserId: 'u@o.example', grants: held }
  return demand({ kind: 'session', sessionId: 's', people: [person] })
}

function demand(principal: Principal) {
  const access = accessOf(principal, 'o', 'o')
  if (access === null) throw new Error('no access')
  return access
}

describe('lackedRights', () => {
  test.each(ROLES)('%s lacks exactly what the table gives to others and not to them', (role) => {
    const access = accessOfGrants([{ role, scope: { kind: 'organisation' } }])
    for (const other of ROLES) {
      const expected = [...ROLE_PERMISSIONS[other]].filter((p) => !ROLE_PERMISSIONS[role].has(p))
      expect(lackedRights(access, other), other).toEqual(expected)
    }
  })

  test('a role in a team gives nothing that could be handed on', () => {
    const access = accessOfGrants([{ role: 'owner', scope: { kind: 'team', id: 'ml' } }])
    for (const role of ROLES) expect(lackedRights(access, role)).toEqual([...ROLE_PERMISSIONS[role]])
  })

  test('one’s own rows are no right over rows', () => {
    const access = accessOfGrants([])
    expect(lackedRights(access, 'viewer').filter(isRowPermission)).toEqual(['usage:read'])
  })

  test.each(KEY_SCOPES)('no key with the scope %s makes an owner', (keyScope) => {
    const access = demand({ kind: 'key', orgId: 'o', keyId: 'k', scopes: [keyScope], ofFirstOrganisation: true })
    expect(lackedRights(access, 'owner')).toContain('owners:write')
  })
})

describe('faultOfGiving', () => {
  test('whoever holds grants never hands on or takes away a right beyond them', () => {
    fc.assert(
      fc.property(grants, grants, grants, (held, before, after) => {
        const own = new Set(
          held.filter((g) => g.scope.kind === 'organisation').flatMap((g) => [...ROLE_PERMISSIONS[g.role]]),
        )
        const changes = grantChanges(before, after)
        const beyond = [...changes.given, ...changes.taken].some((g) =>
          [...ROLE_PERMISSIONS[g.role]].some((permission) => !own.has(permission)),
        )
        expect(faultOfGiving(accessOfGrants(held), changes, true) !== null).toBe(beyond)
      }),
    )
  })

  test('the first owner may be named by an admin, a second one may not, and an owner of a team never is a first one', () => {
    const admin = accessOfGrants([{ role: 'admin', scope: { kind: 'organisation' } }])
    const owner: Grant = { role: 'owner', scope: { kind: 'organisation' } }
    expect(faultOfGiving(admin, { given: [owner], taken: [] }, false)).toBeNull()
    expect(faultOfGiving(admin, { given: [owner], taken: [] }, true)?.right).toBe('owners:write')
    const ofTeam: Grant = { role: 'owner', scope: { kind: 'team', id: 'ml' } }
    expect(isOwnership(ofTeam)).toBe(false)
    expect(faultOfGiving(admin, { given: [ofTeam], taken: [] }, false)?.right).toBe('owners:write')
    expect(faultOfGiving(admin, { given: [], taken: [owner] }, false)?.right).toBe('owners:write')
  })
})

describe('faultOfTouching', () => {
  test('an admin may change everyone but owners, an owner everyone', () => {
    const [admin, owner] = (['admin', 'owner'] as const).map((role) =>
      accessOfGrants([{ role, scope: { kind: 'organisation' } }]),
    )
    for (const role of ROLES) {
      const held: Grant[] = [{ role, scope: { kind: 'organisation' } }]
      expect(admin && faultOfTouching(admin, held) === null, role).toBe(role !== 'owner')
      expect(owner && faultOfTouching(owner, held), role).toBeNull()
    }
  })
})

describe('grantChanges', () => {
  test('what is given and taken turns the one set into the other', () => {
    fc.assert(
      fc.property(grants, grants, (before, after) => {
        const { given, taken } = grantChanges(before, after)
        const keys = new Set(before.map(grantKey))
        for (const g of taken) expect(keys.delete(grantKey(g))).toBe(true)
        for (const g of given) expect(keys.size).toBeLessThan(keys.add(grantKey(g)).size)
        expect([...keys].sort()).toEqual([...new Set(after.map(grantKey))].sort())
      }),
    )
  })
})
