/** SCIM over HTTP, in the order and the words in which Okta and Entra ID ask. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ControlWorld, startControlWorld, type WorldOrganisation } from '../testing/control-world.ts'
import type { TestAnswer } from '../testing/test-api.ts'

const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User'
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const resourceOf = (answer: TestAnswer) => answer.json as Record<string, unknown> & { id: string }
const listOf = (answer: TestAnswer) =>
  answer.json as { totalResults: number; startIndex: number; itemsPerPage: number; Resources: { id: string }[] }
const patchOf = (...Operations: unknown[]) => ({ schemas: [PATCH_SCHEMA], Operations })

describe('SCIM', () => {
  let world: ControlWorld
  let a: WorldOrganisation
  let b: WorldOrganisation
  beforeAll(async () => {
    world = await startControlWorld()
    ;[a, b] = world.organisations
  })
  afterAll(async () => await world?.close())

  const scim = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    world.call(a.keys.admin, method, `/scim/v2${path}`, body, { 'content-type': 'application/scim+json', ...headers })
  const find = async (path: string, filter: string) =>
    listOf(await scim('GET', `${path}?filter=${encodeURIComponent(filter)}&startIndex=1&count=100`))
  const addUser = async (userName: string, more: object = {}) => {
    const answer = await scim('POST', '/Users', { schemas: [USER_SCHEMA], userName, active: true, ...more })
    expect(answer.status, answer.text).toBe(201)
    return resourceOf(answer)
  }
  const addGroup = async (displayName: string, more: object = {}) => {
    const answer = await scim('POST', '/Groups', { schemas: [GROUP_SCHEMA], displayName, ...more })
    expect(answer.status, answer.text).toBe(201)
    return resourceOf(answer)
  }
  const memberIds = async (id: string) => {
    const { members } = resourceOf(await scim('GET', `/Groups/${id}`)) as unknown as { members: { value: string }[] }
    return members.map((m) => m.value).sort()
  }
  const rolesOf = async (id: string) => {
    const answer = await world.call(a.keys.admin, 'GET', `/v1/users/${id}`)
    return (answer.json as { inherited_roles: { role: string }[] }).inherited_roles.map((g) => g.role)
  }

  test('Okta: looks for a person, makes them, reads, replaces and deactivates them', async () => {
    expect(await find('/Users', 'userName eq "ada@okta.example"')).toMatchObject({ totalResults: 0, Resources: [] })
    const made = await addUser('ada@okta.example', {
      name: { givenName: 'Ada', familyName: 'Lovelace' },
      emails: [{ primary: true, value: 'ada@okta.example', type: 'work' }],
      displayName: 'Ada Lovelace',
      locale: 'en-US',
      externalId: '00ujl29u0le5T6Aj10h7',
      groups: [],
      password: '1mz050nq',
    })
    expect(made).toMatchObject({
      userName: 'ada@okta.example',
      externalId: '00ujl29u0le5T6Aj10h7',
      name: { givenName: 'Ada', familyName: 'Lovelace', formatted: 'Ada Lovelace' },
      emails: [{ primary: true, value: 'ada@okta.example', type: 'work' }],
      active: true,
      meta: { resourceType: 'User', version: '"1"' },
    })
    expect(JSON.stringify(made)).not.toContain('1mz050nq')
    const read = await scim('GET', `/Users/${made.id}`)
    expect(read.json).toEqual(made)
    expect(read.headers.get('content-type')).toBe('application/scim+json; charset=utf-8')
    expect(read.headers.get('etag')).toBe('"1"')
    const put = await scim('PUT', `/Users/${made.id}`, {
      ...made,
      name: { givenName: 'Ada', familyName: 'King' },
      displayName: 'Ada King',
    })
    expect(put.json).toMatchObject({ displayName: 'Ada King', name: { familyName: 'King' }, active: true })
    const off = await scim('PATCH', `/Users/${made.id}`, patchOf({ op: 'replace', value: { active: false } }))
    expect(off.json).toMatchObject({ active: false, userName: 'ada@okta.example' })
    expect(await find('/Users', 'userName eq "ADA@okta.example"')).toMatchObject({
      totalResults: 1,
      Resources: [{ active: false }],
    })
    const on = await scim('PATCH', `/Users/${made.id}`, patchOf({ op: 'replace', value: { active: true } }))
    expect(on.json).toMatchObject({ active: true })
    const trail = await world.database.query<{ action: string; actor: string }>(
      'SELECT action, actor FROM ecomind.audit_entries WHERE org_id = $1 AND resource_id = $2 ORDER BY id',
      [a.id, made.id],
    )
    expect(trail).toEqual(
      ['create', 'update', 'update', 'update'].map((action) => ({ action, actor: 'key/key-admin' })),
    )
  })

  test('Okta: pushes a group, renames it, adds and removes members', async () => {
    const [one, two] = [await addUser('g1@okta.example'), await addUser('g2@okta.example')]
    const group = await addGroup('Okta push', { members: [{ value: one.id, display: 'g1@okta.example' }] })
    expect(await memberIds(group.id)).toEqual([one.id])
    const renamed = await scim(
      'PATCH',
      `/Groups/${group.id}`,
      patchOf({ op: 'replace', value: { id: group.id, displayName: 'Okta pushed' } }),
    )
    expect(renamed.json).toMatchObject({ displayName: 'Okta pushed' })
    await scim(
      'PATCH',
      `/Groups/${group.id}`,
      patchOf({ op: 'add', path: 'members', value: [{ value: two.id, display: 'x' }] }),
    )
    expect(await memberIds(group.id)).toEqual([one.id, two.id].sort())
    await scim('PATCH', `/Groups/${group.id}`, patchOf({ op: 'remove', path: `members[value eq "${one.id}"]` }))
    expect(await memberIds(group.id)).toEqual([two.id])
    await scim('PATCH', `/Groups/${group.id}`, patchOf({ op: 'replace', path: 'members', value: [{ value: one.id }] }))
    expect(await memberIds(group.id)).toEqual([one.id])
    expect(resourceOf(await scim('GET', `/Users/${one.id}`))['groups']).toMatchObject([
      { value: group.id, display: 'Okta pushed' },
    ])
    expect((await scim('DELETE', `/Groups/${group.id}`)).status).toBe(204)
    expect((await scim('GET', `/Groups/${group.id}`)).status).toBe(404)
    expect(resourceOf(await scim('GET', `/Users/${one.id}`))['groups']).toEqual([])
  })

  test('Entra: tests the connection, matches, makes, changes by paths, disables with a text, removes', async () => {
    expect(await find('/Users', 'userName eq "0b1f-not-there"')).toMatchObject({ totalResults: 0, Resources: [] })
    const made = await addUser('Grace@entra.onmicrosoft.example', {
      schemas: [USER_SCHEMA, ENTERPRISE],
      externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
      emails: [{ primary: true, type: 'work', value: 'grace.hopper@entra.example' }],
      meta: { resourceType: 'User' },
      name: { formatted: 'Grace Hopper', familyName: 'Hopper', givenName: 'Grace' },
      roles: [],
      [ENTERPRISE]: { department: 'Navy' },
    })
    expect(made).toMatchObject({ userName: 'Grace@entra.onmicrosoft.example', displayName: 'Grace Hopper' })
    for (const filter of [
      'userName eq "grace@entra.onmicrosoft.example"',
      'externalId eq "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef"',
      'emails[type eq "work"].value eq "grace.hopper@entra.example"',
      `(userName sw "grace" and active eq true) or id eq "none"`,
    ])
      expect(
        (await find('/Users', filter)).Resources.map((r) => r.id),
        filter,
      ).toEqual([made.id])
    const changed = await scim(
      'PATCH',
      `/Users/${made.id}`,
      patchOf(
        { op: 'Replace', path: 'emails[type eq "work"].value', value: 'g.hopper@entra.example' },
        { op: 'Replace', path: 'name.familyName', value: 'Murray' },
        { op: 'Add', path: 'phoneNumbers[type eq "work"].value', value: '555' },
        { op: 'Add', path: `${ENTERPRISE}:department`, value: 'Research' },
        { op: 'Add', value: { 'name.givenName': 'Amazing Grace', displayName: 'Amazing Grace' } },
      ),
    )
    expect(changed.json).toMatchObject({
      emails: [{ value: 'g.hopper@entra.example' }],
      name: { familyName: 'Murray', givenName: 'Amazing Grace' },
      displayName: 'Amazing Grace',
      userName: 'Grace@entra.onmicrosoft.example',
    })
    const off = await scim('PATCH', `/Users/${made.id}`, patchOf({ op: 'Replace', path: 'active', value: 'False' }))
    expect(off.json).toMatchObject({ active: false })
    expect((await scim('DELETE', `/Users/${made.id}`)).status).toBe(204)
    expect((await scim('GET', `/Users/${made.id}`)).status).toBe(404)
    expect((await scim('DELETE', `/Users/${made.id}`)).status).toBe(404)
    expect((await find('/Users', 'externalId eq "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef"')).totalResults).toBe(0)
  })

  test('Entra: groups without their members, members added and removed in its own form', async () => {
    const [one, two] = [await addUser('e1@entra.example'), await addUser('e2@entra.example')]
    const group = await addGroup('Entra group', {
      externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
      meta: { resourceType: 'Group' },
    })
    const found = listOf(
      await scim(
        'GET',
        `/Groups?excludedAttributes=members&filter=${encodeURIComponent('displayName eq "entra GROUP"')}`,
      ),
    )
    expect(found.Resources).toHaveLength(1)
    expect(found.Resources[0]).not.toHaveProperty('members')
    await scim(
      'PATCH',
      `/Groups/${group.id}`,
      patchOf({
        op: 'Add',
        path: 'members',
        value: [
          { $ref: null, value: one.id },
          { $ref: null, value: two.id },
        ],
      }),
    )
    expect(await memberIds(group.id)).toEqual([one.id, two.id].sort())
    const check = `id eq "${group.id}" and members eq "${one.id}"`
    expect((await find('/Groups', check)).totalResults).toBe(1)
    await scim(
      'PATCH',
      `/Groups/${group.id}`,
      patchOf({ op: 'Remove', path: 'members', value: [{ $ref: null, value: one.id }] }),
    )
    expect(await memberIds(group.id)).toEqual([two.id])
    expect((await find('/Groups', check)).totalResults).toBe(0)
    await scim('PATCH', `/Groups/${group.id}`, patchOf({ op: 'Replace', path: 'displayName', value: 'Entra renamed' }))
    expect((await find('/Groups', 'displayName eq "Entra renamed"')).totalResults).toBe(1)
  })

  test('a group gives its members a role once it was told to, at once, and takes it back with the membership', async () => {
    const person = await addUser('member@a.example')
    const group = await addGroup('Analysts', { members: [{ value: person.id }] })
    expect(await rolesOf(person.id)).toEqual([])
    const map = (bearer: string, grant: unknown) => world.call(bearer, 'PATCH', `/v1/groups/${group.id}`, { grant })
    expect((await map(a.people.viewer.bearer, { role: 'viewer' })).status).toBe(403)
    expect((await map(a.people.owner.bearer, { role: 'owner' })).status).toBe(400)
    expect((await map(a.people.admin.bearer, { role: 'analyst', scope: { kind: 'team', id: 'nowhere' } })).status).toBe(
      400,
    )
    const mapped = await map(a.people.admin.bearer, { role: 'analyst' })
    expect(mapped.json).toMatchObject({
      name: 'Analysts',
      members: 1,
      grant: { role: 'analyst', scope: { kind: 'organisation' } },
    })
    expect(await rolesOf(person.id)).toEqual(['analyst'])
    await scim('PATCH', `/Groups/${group.id}`, patchOf({ op: 'remove', path: 'members' }))
    expect(await rolesOf(person.id)).toEqual([])
    await scim('PUT', `/Groups/${group.id}`, { displayName: 'Analysts', members: [{ value: person.id }] })
    expect(await rolesOf(person.id)).toEqual(['analyst'])
    await scim('DELETE', `/Groups/${group.id}`)
    expect(await rolesOf(person.id)).toEqual([])
  })

  test('no request of SCIM gives a role of its own, and none makes or changes an owner', async () => {
    const person = await addUser('sneaky@a.example', {
      roles: [{ value: 'owner', primary: true }],
      userType: 'owner',
    })
    await scim('PATCH', `/Users/${person.id}`, patchOf({ op: 'add', path: 'roles', value: [{ value: 'owner' }] }))
    const group = await addGroup('owner', {
      role: 'owner',
      grant: { role: 'owner' },
      members: [{ value: person.id }],
    })
    const refused = await scim('PATCH', `/Groups/${group.id}`, patchOf({ op: 'add', path: 'role', value: 'owner' }))
    expect(refused.json).toMatchObject({ status: '400', scimType: 'invalidPath' })
    const shown = await world.call(a.keys.admin, 'GET', `/v1/users/${person.id}`)
    expect(shown.json).toMatchObject({ roles: [], inherited_roles: [] })
    const { id } = a.people.owner
    const before = resourceOf(await scim('GET', `/Users/${id}`))
    const tries = await Promise.all([
      scim('PATCH', `/Users/${id}`, patchOf({ op: 'replace', value: { active: false } })),
      scim('PUT', `/Users/${id}`, { ...before, userName: 'mine@evil.example' }),
      scim('DELETE', `/Users/${id}`),
    ])
    for (const answer of tries)
      expect(answer.json).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '403' })
    // A sync that changes nothing of them goes through.
    expect((await scim('PUT', `/Users/${id}`, before)).json).toEqual(before)
  })

  test('someone deactivated by SCIM is out at their next request', async () => {
    const { id, bearer } = a.people.analyst
    expect((await world.call(bearer, 'GET', '/v1/users?limit=1')).status).toBe(200)
    await scim('PATCH', `/Users/${id}`, patchOf({ op: 'replace', path: 'active', value: false }))
    expect((await world.call(bearer, 'GET', '/v1/users?limit=1')).status).toBe(401)
  })

  test('another organisation’s people and groups are not there, in lists, by id and as members', async () => {
    const foreign = b.people.viewer.id
    for (const [method, body] of [
      ['GET', undefined],
      ['PUT', { userName: 'x@y.example' }],
      ['PATCH', patchOf({ op: 'replace', value: { active: false } })],
      ['DELETE', undefined],
    ] as const) {
      const answer = await scim(method, `/Users/${foreign}`, body)
      expect(answer.json).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '404' })
    }
    expect((await find('/Users', `id eq "${foreign}" or userName eq "${b.people.viewer.email}"`)).totalResults).toBe(0)
    const group = await addGroup('Mixed', { members: [{ value: foreign }, { value: a.guest.id }] })
    expect(await memberIds(group.id)).toEqual([a.guest.id])
    const elsewhere = await world.call(b.keys.admin, 'GET', `/scim/v2/Groups/${group.id}`)
    expect(elsewhere.status).toBe(404)
  })

  test('pages hold everyone once', async () => {
    const { totalResults } = listOf(await scim('GET', '/Users?count=0'))
    const seen: string[] = []
    for (let startIndex = 1; startIndex <= totalResults; startIndex += 3) {
      const page = listOf(await scim('GET', `/Users?startIndex=${startIndex}&count=3`))
      expect(page).toMatchObject({ totalResults, startIndex })
      expect(page.itemsPerPage).toBe(page.Resources.length)
      seen.push(...page.Resources.map((r) => r.id))
    }
    expect(new Set(seen).size).toBe(totalResults)
    expect(seen).toHaveLength(totalResults)
    expect(listOf(await scim('GET', `/Users?startIndex=${totalResults + 1}`)).Resources).toEqual([])
  })

  test.each([
    ['POST', '/Users', { userName: 'owner' }, 400, 'invalidValue'],
    ['POST', '/Users', {}, 400, 'invalidValue'],
    ['POST', '/Groups', { members: [] }, 400, 'invalidValue'],
    [
      'POST',
      '/Users',
      { userName: 'a@b.example', x: JSON.parse('['.repeat(500) + ']'.repeat(500)) },
      400,
      'invalidSyntax',
    ],
    ['GET', '/Users?filter=userName%20eq', undefined, 400, 'invalidFilter'],
    ['GET', '/Users?filter=password%20eq%20%22x%22', undefined, 400, 'invalidFilter'],
    ['GET', `/Users?filter=${'('.repeat(300)}`, undefined, 400, 'invalidFilter'],
    ['GET', '/Users?count=many', undefined, 400, 'invalidValue'],
    ['GET', '/Users/none', undefined, 404, undefined],
    ['PUT', '/Schemas', undefined, 405, undefined],
  ])('%s %s is refused as SCIM refuses (%#)', async (method, path, body, status, scimType) => {
    const answer = await scim(method, path, body)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/scim+json'])
    const { scimType: told, ...rest } = answer.json as { scimType?: string }
    expect(rest).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: String(status),
      detail: expect.any(String),
    })
    expect(told).toBe(scimType)
  })

  test('a name that is taken is told as uniqueness', async () => {
    await addUser('taken@a.example')
    const user = await scim('POST', '/Users', { userName: 'TAKEN@a.example' })
    expect(user.json).toMatchObject({ status: '409', scimType: 'uniqueness' })
    await addGroup('Taken')
    expect((await scim('POST', '/Groups', { displayName: 'taken' })).json).toMatchObject({
      status: '409',
      scimType: 'uniqueness',
    })
  })

  test('names are alike whatever the case of their letters, in any alphabet', async () => {
    const emails = [{ primary: true, value: 'zoe@letters.example' }]
    await addUser('Zoë.ÅKESSON', { emails })
    await addGroup('Ärzte ΟΔΟΣ')
    expect(await find('/Users', 'userName eq "zoë.åkesson"')).toMatchObject({ totalResults: 1 })
    expect(await find('/Users', 'userName co "Ë.ÅK" and userName sw "ZOË"')).toMatchObject({ totalResults: 1 })
    expect(await find('/Groups', 'displayName eq "ÄRZTE οδος"')).toMatchObject({ totalResults: 1 })
    const user = await scim('POST', '/Users', {
      schemas: [USER_SCHEMA],
      userName: 'zoë.åkesson',
      emails: [{ value: 'z@b.example' }],
    })
    const group = await scim('POST', '/Groups', { schemas: [GROUP_SCHEMA], displayName: 'äRZTE οδος' })
    expect([user.status, group.status]).toEqual([409, 409])
  })

  test('without a key, with a key that may only read, and with an old version: refused in the shape of SCIM', async () => {
    const none = await world.api.get('/scim/v2/Users')
    expect(none.json).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '401' })
    const reader = await world.call(a.keys.read, 'POST', '/scim/v2/Users', { userName: 'r@a.example' })
    expect(reader.json).toMatchObject({ status: '403' })
    const person = await addUser('etag@a.example')
    const off = patchOf({ op: 'replace', value: { active: false } })
    expect((await scim('PATCH', `/Users/${person.id}`, off, { 'if-match': '"7"' })).json).toMatchObject({
      status: '412',
    })
    expect((await scim('PATCH', `/Users/${person.id}`, off, { 'if-match': 'W/"1"' })).status).toBe(200)
  })

  test('paths that mean something to JavaScript reach nothing', async () => {
    const person = await addUser('proto@a.example')
    for (const operation of [
      { op: 'add', path: '__proto__.polluted', value: 'yes' },
      { op: 'add', path: 'name.constructor.prototype.polluted', value: 'yes' },
      { op: 'replace', value: { 'constructor.prototype.polluted': 'yes' } },
      { op: 'add', path: 'x[y eq "z"].__proto__.polluted', value: 'yes' },
    ]) {
      const answer = await scim('PATCH', `/Users/${person.id}`, patchOf(operation))
      expect(answer.json).toMatchObject({ status: '400', scimType: 'invalidPath' })
    }
    expect(({} as { polluted?: string }).polluted).toBeUndefined()
  })

  test('the server says what it can do', async () => {
    const config = await scim('GET', '/ServiceProviderConfig')
    expect(config.json).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
      etag: { supported: true },
    })
    expect(listOf(await scim('GET', '/ResourceTypes')).totalResults).toBe(2)
    const schemas = listOf(await scim('GET', '/Schemas'))
    expect(schemas.Resources.map((r) => r.id)).toEqual([USER_SCHEMA, GROUP_SCHEMA])
  })
})
