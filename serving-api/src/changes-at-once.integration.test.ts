/**
 * Changes of everything that an organisation keeps, at once and in any order. PGlite does one after the other; a server
 * does them side by side, where they could wait for each other in a circle or read what another is about to change.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyTrail } from './audit/verify/verify-trail.ts'
import { type ControlWorld, startControlWorld, type WorldOrganisation } from './testing/control-world.ts'

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const IDS = ['x', 'y', 'z'] as const
/** As many as a busy console and a provisioning run may send together. */
const AT_ONCE = 24
const RUNS = 12

let world: ControlWorld
let organisations: readonly [WorldOrganisation, WorldOrganisation]
/** Ids that answers told, by organisation and list: what the next requests are about. */
const known = new Map<string, string[]>()

beforeAll(async () => {
  world = await startControlWorld()
  organisations = [world.organisations[0], world.organisations[1]]
})
afterAll(async () => await world?.close())

const change = fc.record({
  of: fc.constantFrom(0, 1),
  what: fc.constantFrom('person', 'roles', 'active', 'gone', 'team', 'unteam', 'project', 'key', 'rotate', 'revoke'),
  scim: fc.constantFrom(null, null, 'group', 'member', 'ungroup', 'off'),
  id: fc.constantFrom(...IDS),
  nth: fc.nat(7),
  by: fc.nat(3),
  isOn: fc.boolean(),
})
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never

/** They make each other owners and take it back. */
const peopleOf = ({ people }: WorldOrganisation) => [people.owner, people.admin, people.viewer]

/** Method, path and body of a change in the API, or by SCIM. */
function requestOf(c: Change, org: WorldOrganisation): readonly [string, string, unknown?] {
  const one = (list: string): string => {
    const ids = known.get(`${org.id} ${list}`) ?? []
    return ids[c.nth % Math.max(ids.length, 1)] ?? 'none'
  }
  const members = [{ value: one('/v1/users') }]
  if (c.scim === 'group') return ['POST', '/scim/v2/Groups', { displayName: c.id, members }]
  if (c.scim === 'member') {
    const op = c.isOn ? 'add' : 'remove'
    const Operations = [{ op, path: 'members', value: members }]
    return ['PATCH', `/scim/v2/Groups/${one('/scim/v2/Groups')}`, { schemas: [PATCH], Operations }]
  }
  if (c.scim === 'ungroup') return ['DELETE', `/scim/v2/Groups/${one('/scim/v2/Groups')}`]
  if (c.scim === 'off') {
    const Operations = [{ op: 'replace', value: { active: c.isOn } }]
    return ['PATCH', `/scim/v2/Users/${one('/v1/users')}`, { schemas: [PATCH], Operations }]
  }
  const person = [...peopleOf(org).map(({ id }) => id), one('/v1/users')][c.nth % 4] ?? 'none'
  const roles = [{ role: c.isOn ? 'owner' : 'viewer' }, { role: 'viewer', scope: { kind: 'team', id: c.id } }]
  switch (c.what) {
    case 'person':
      return ['POST', '/v1/users', { email: `${c.id}${c.nth}@${org.id.replaceAll('_', '-')}.example` }]
    case 'roles':
      return ['PATCH', `/v1/users/${person}`, { roles: c.nth % 2 === 0 ? roles : roles.slice(0, 1) }]
    case 'active':
      return ['PATCH', `/v1/users/${person}`, { active: c.isOn }]
    case 'gone':
      return ['DELETE', `/v1/users/${one('/v1/users')}`]
    case 'team':
      return ['POST', '/v1/teams', { id: c.id }]
    case 'unteam':
      return ['DELETE', `/v1/teams/${c.id}`]
    case 'project':
      return c.isOn ? ['POST', '/v1/projects', { id: c.id, team_id: c.id }] : ['DELETE', `/v1/projects/${c.id}`]
    case 'key':
      return ['POST', '/v1/keys', { name: c.id, scopes: ['ingest'] }]
    case 'rotate':
      return ['POST', `/v1/keys/${one('/v1/keys')}/rotate`, { overlap_s: 60 }]
    case 'revoke':
      return ['DELETE', `/v1/keys/${one('/v1/keys')}`]
  }
}

/** How many went through, by method: refusals alone would show nothing. */
const done = new Map<string, number>()

/** What went wrong; null when it was done, or refused for a reason of its own. */
async function send(c: Change): Promise<string | null> {
  const org = organisations[c.of] ?? organisations[0]
  const [method, path, body] = requestOf(c, org)
  const bearer = c.scim === null ? peopleOf(org)[c.by]?.bearer : null
  const answer = await world.call(bearer ?? org.keys.admin, method, path, body)
  if (answer.status < 300) done.set(method, (done.get(method) ?? 0) + 1)
  const id = (answer.json as { id?: unknown } | null)?.id
  if (answer.status === 201 && typeof id === 'string') {
    const list = `${org.id} ${path.replace(/^(\/v1\/keys)\/.*/, '$1')}`
    known.set(list, [...(known.get(list) ?? []), id])
  }
  return answer.status < 500 ? null : `${method} ${path}: ${answer.status} ${answer.text}`
}

test('none fails for the sake of another, an owner stays, and the trail is whole', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: AT_ONCE, maxLength: AT_ONCE }), async (changes) => {
      const failed = await Promise.all(changes.map(send))
      expect(failed.filter((text) => text !== null)).toEqual([])
      for (const { id } of organisations) {
        const owners = await world.database.query(
          `SELECT FROM ecomind.users u JOIN ecomind.memberships m ON m.org_id = u.org_id AND m.user_id = u.id
           WHERE u.org_id = $1 AND u.active AND u.deleted_at IS NULL AND m.role = 'owner'
             AND m.scope_kind = 'organisation'`,
          [id],
        )
        expect(owners.length, `owners of ${id}`).toBeGreaterThan(0)
        expect((await verifyTrail(world.database, id, null)).fault).toBeNull()
      }
    }),
    // What is there grows from run to run: the same again would be another one.
    { numRuns: RUNS, endOnFailure: true },
  )
  for (const method of ['POST', 'PATCH', 'DELETE'])
    expect(done.get(method) ?? 0, `${method} that went through: ${JSON.stringify([...done])}`).toBeGreaterThan(RUNS / 2)
})
