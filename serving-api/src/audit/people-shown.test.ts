import { describe, expect, test } from 'vitest'
import type { Grant, Principal } from '../access/principal.ts'
import type { Permission } from '../access/roles.ts'
import { onlyOrganisation } from '../organisations/organisation.ts'
import { ScopeKeeper } from '../scope.ts'
import { FakeClickHouse } from '../testing/fake-clickhouse.ts'
import { peopleShown } from './people-shown.ts'

const ORG = 'org_a'
const whole = { kind: 'organisation' } as const

async function shown(grants: readonly Grant[], permission: Permission, url: string, pseudonyms = false) {
  const { find } = onlyOrganisation(ORG, 'UTC')
  const organisations = {
    find: async (id: string) => {
      const found = await find(id)
      if (found === null) return null
      return { ...found, pseudonymKey: ['1', '2'] as const, settings: { ...found.settings, pseudonyms } }
    },
  }
  const keeper = new ScopeKeeper({ clickhouse: new FakeClickHouse(), limits: {}, questionsMax: 1, organisations })
  const principal: Principal = {
    kind: 'session',
    sessionId: 's',
    people: [{ orgId: ORG, userId: 'u', email: 'u@a.example', name: 'U', usageUserId: 'u@a.example', grants }],
  }
  return peopleShown(await keeper.scopeFor(principal, ORG, permission), permission, url, undefined)
}

const analyst: readonly Grant[] = [{ role: 'analyst', scope: whole }]
const viewer: readonly Grant[] = [{ role: 'viewer', scope: whole }]
const teamViewer: readonly Grant[] = [{ role: 'viewer', scope: { kind: 'team', id: 'ml' } }]

describe('peopleShown', () => {
  test('usage shows people where it is asked by person, or of one', async () => {
    expect(await shown(viewer, 'usage:read', '/v1/usage?from=2026-05-01')).toBeNull()
    expect(await shown(viewer, 'usage:read', '/v1/usage?group_by=model,user')).toEqual({ subject: null })
    expect(await shown(viewer, 'usage:read', '/v1/today?user_id=bob%40a.example')).toEqual({ subject: 'bob@a.example' })
    expect(await shown(viewer, 'usage:read', '/v1/usage?filter=user:bob')).toEqual({ subject: 'bob' })
    expect(await shown(teamViewer, 'usage:read', '/v1/usage?group_by=user_id')).toEqual({ subject: null })
  })

  test('their own numbers are nobody else’s', async () => {
    expect(await shown([], 'usage:read', '/v1/usage?group_by=user_id')).toBeNull()
    expect(await shown([], 'events:read', '/v1/events')).toBeNull()
  })

  test('events always do; pseudonyms are no names, except to those who see through them', async () => {
    expect(await shown(analyst, 'events:read', '/v1/events')).toEqual({ subject: null })
    expect(await shown(viewer, 'usage:read', '/v1/usage?group_by=user_id', true)).toBeNull()
    expect(await shown(analyst, 'usage:read', '/v1/usage?group_by=user_id', true)).toEqual({ subject: null })
  })

  test('numbers of the organisation and its settings are not about people', async () => {
    expect(await shown(viewer, 'factors:read', '/v1/factors?user_id=x')).toBeNull()
    expect(await shown(viewer, 'organisation:read', '/v1/orgs/org_a')).toBeNull()
  })
})
