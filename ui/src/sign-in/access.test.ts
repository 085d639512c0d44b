import { describe, expect, test } from 'vitest'
import { accessOf, type Membership, organisationName, partOf, roleText } from './access.ts'

const membership = (patch: Partial<Membership>): Membership => ({
  org_id: 'acme',
  name: 'Acme',
  email: 'a@acme.example',
  display_name: 'Alice',
  roles: [],
  permissions: [],
  partial_permissions: [],
  ...patch,
})

describe('accessOf', () => {
  test('a right that is not told is none', () => {
    const access = accessOf(membership({}))
    expect([access.may('usage:read'), access.seesAll('usage:read')]).toEqual([false, false])
  })

  test('a right over a part is one, and does not show all', () => {
    const access = accessOf(
      membership({ permissions: ['usage:read', 'events:read'], partial_permissions: ['events:read'] }),
    )
    expect([access.may('events:read'), access.seesAll('events:read')]).toEqual([true, false])
    expect(access.seesAll('usage:read')).toBe(true)
  })

  test('a part that is told without its right gives nothing', () => {
    expect(accessOf(membership({ partial_permissions: ['usage:read'] })).may('usage:read')).toBe(false)
  })
})

describe('words about a membership', () => {
  test('a role says where it holds unless that is everywhere; ids may hold slashes', () => {
    expect(roleText({ role: 'owner', scope: 'organisation' })).toBe('owner')
    expect(roleText({ role: 'viewer', scope: 'team/ml' })).toBe('viewer of team ml')
    expect(roleText({ role: 'viewer', scope: 'project/a/b' })).toBe('viewer of project a/b')
  })

  test('a part names each team and project once, and always the own calls', () => {
    const roles = [
      { role: 'viewer', scope: 'team/ml' },
      { role: 'analyst', scope: 'team/ml' },
      { role: 'viewer', scope: 'project/x' },
    ]
    expect(partOf(membership({ roles }))).toBe('the calls of team ml, project x and your own')
    expect(partOf(membership({}))).toBe('your own calls')
  })

  test('an organisation without a name goes by its id', () => {
    expect(organisationName(membership({ name: null }))).toBe('acme')
  })
})
