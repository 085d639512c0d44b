/** People, teams and projects over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROLES } from '../access/roles.ts'
import { type ControlWorld, startControlWorld, type WorldOrganisation } from '../testing/control-world.ts'
import type { TestAnswer } from '../testing/test-api.ts'

const codeOf = (answer: TestAnswer): unknown => (answer.json as { error?: { code?: unknown } } | null)?.error?.code
const bodyOf = (answer: TestAnswer) => answer.json as Record<string, unknown> & { id: string; version: number }
const itemsOf = (answer: TestAnswer) => answer.json as { items: { id: string; email: string }[]; next_cursor?: string }

describe('directory', () => {
  let world: ControlWorld
  let a: WorldOrganisation
  let b: WorldOrganisation
  beforeAll(async () => {
    world = await startControlWorld()
    ;[a, b] = world.organisations
  })
  afterAll(async () => await world?.close())

  const owner = () => a.people.owner.bearer
  const admin = () => a.people.admin.bearer
  const addPerson = async (email: string, more: object = {}) => {
    const answer = await world.call(owner(), 'POST', '/v1/users', { email, ...more })
    expect(answer.status, answer.text).toBe(201)
    return bodyOf(answer)
  }
  const auditOf = async (type: string, id: string) =>
    await world.database.query<{ action: string; actor: string; before: unknown; after: unknown }>(
      `SELECT action, actor, before, after FROM ecomind.audit_entries
         WHERE org_id = $1 AND resource_type = $2 AND resource_id = $3 ORDER BY id`,
      [a.id, type, id],
    )

  test('a person is added with defaults, found again, and every change is in the audit trail', async () => {
    const made = await addPerson('New.Person@A.example')
    expect(made).toMatchObject({
      email: 'new.person@a.example',
      name: 'new.person@a.example',
      usage_user_id: 'new.person@a.example',
      active: true,
      roles: [],
      inherited_roles: [],
      source: 'manual',
    })
    const one = await world.call(admin(), 'GET', `/v1/users/${made.id}`)
    expect(one.json).toEqual(made)
    expect(one.headers.get('etag')).toBe(`"${made.version}"`)
    const patched = await world.call(admin(), 'PATCH', `/v1/users/${made.id}`, {
      name: 'New Person',
      usage_user_id: null,
      roles: [{ role: 'viewer', scope: { kind: 'team', id: a.teams[1] } }, { role: 'billing' }],
    })
    expect(patched.json).toMatchObject({
      name: 'New Person',
      usage_user_id: null,
      roles: [
        { role: 'billing', scope: { kind: 'organisation' } },
        { role: 'viewer', scope: { kind: 'team', id: a.teams[1] } },
      ],
    })
    const gone = await world.call(admin(), 'DELETE', `/v1/users/${made.id}`)
    expect(gone.status).toBe(200)
    expect((await world.call(admin(), 'GET', `/v1/users/${made.id}`)).status).toBe(404)
    const entries = await auditOf('user', made.id)
    expect(entries.map((e) => e.action)).toEqual(['create', 'update', 'delete'])
    expect(entries[1]).toMatchObject({
      actor: `user/${a.people.admin.id}`,
      before: { name: 'new.person@a.example', roles: [] },
      after: { name: 'New Person' },
    })
    const again = await addPerson('new.person@a.example')
    expect(again.id).not.toBe(made.id)
  })

  test('an e-mail belongs to one person of an organisation, and to one of each other one', async () => {
    await addPerson('once@a.example')
    const twice = await world.call(owner(), 'POST', '/v1/users', { email: 'ONCE@a.example' })
    expect([twice.status, codeOf(twice)]).toEqual([409, 'conflict'])
    const other = await addPerson('other@a.example')
    const moved = await world.call(owner(), 'PATCH', `/v1/users/${other.id}`, { email: 'once@a.example' })
    expect(moved.status).toBe(409)
    const elsewhere = await world.call(b.people.owner.bearer, 'POST', '/v1/users', { email: 'once@a.example' })
    expect(elsewhere.status).toBe(201)
  })

  test('two requests for one e-mail at once make one person', async () => {
    const body = { email: 'race@a.example' }
    const answers = await Promise.all(Array.from({ length: 6 }, () => world.call(owner(), 'POST', '/v1/users', body)))
    expect(answers.map((x) => x.status).sort()).toEqual([201, 409, 409, 409, 409, 409])
  })

  test('the list is paged by e-mail and filtered, and a cursor of another organisation is unknown', async () => {
    const team = `crew`
    await world.call(owner(), 'POST', '/v1/teams', { id: team })
    for (const n of ['3', '1', '2', '4', '5'])
      await addPerson(`page${n}@list.example`, { roles: [{ role: 'viewer', scope: { kind: 'team', id: team } }] })
    const seen: string[] = []
    let next = ''
    do {
      const page = itemsOf(
        await world.call(
          admin(),
          'GET',
          `/v1/users?search=@LIST.example&limit=2${next === '' ? '' : `&cursor=${next}`}`,
        ),
      )
      expect(page.items.length).toBeLessThanOrEqual(2)
      seen.push(...page.items.map((i) => i.email))
      next = page.next_cursor ?? ''
    } while (next !== '')
    expect(seen).toEqual([1, 2, 3, 4, 5].map((n) => `page${n}@list.example`))
    const first = itemsOf(await world.call(admin(), 'GET', '/v1/users?limit=1'))
    const foreign = await world.call(b.people.admin.bearer, 'GET', `/v1/users?limit=1&cursor=${first.next_cursor}`)
    expect(foreign.status).toBe(404)
    const emails = async (query: string) =>
      itemsOf(await world.call(admin(), 'GET', `/v1/users?${query}`)).items.map((i) => i.email)
    expect(await emails(`team_id=${team}`)).toEqual(seen)
    expect(await emails('email=PAGE2@list.example')).toEqual(['page2@list.example'])
    expect(await emails('role=auditor')).toEqual([a.people.auditor.email])
    expect(await emails('role=viewer&team_id=shared')).toEqual([a.lead.email])
    expect(await emails('active=false')).toEqual([])
  })

  test.each(['GET', 'PATCH', 'DELETE'])(
    '%s of a person, team or project of another organisation is 404',
    async (method) => {
      const paths = [`/v1/users/${b.people.viewer.id}`, `/v1/teams/${b.teams[1]}`, `/v1/projects/${b.projects[1]}`]
      for (const path of paths) {
        const answer = await world.call(owner(), method, path, method === 'PATCH' ? { name: 'x' } : undefined)
        expect([answer.status, codeOf(answer)], path).toEqual([404, 'not_found'])
        const inBody = await world.call(owner(), method, `${path}?org_id=${b.id}`, method === 'PATCH' ? {} : undefined)
        expect(inBody.status).toBe(404)
      }
    },
  )

  test.each(ROLES)('%s may read and write the directory as the table of roles says', async (role) => {
    const { bearer } = a.people[role]
    const may = ['owner', 'admin'].includes(role)
    const read = await world.call(bearer, 'GET', '/v1/users?limit=1')
    expect(read.status).toBe(may || ['analyst', 'auditor'].includes(role) ? 200 : 403)
    const write = await world.call(bearer, 'POST', '/v1/teams', { id: `by-${role}` })
    expect(write.status).toBe(may ? 201 : 403)
    const give = await world.call(bearer, 'PATCH', `/v1/users/${a.guest.id}`, { roles: [{ role: 'owner' }] })
    expect(give.status).toBe(role === 'owner' ? 200 : 403)
    if (role === 'owner') await world.call(bearer, 'PATCH', `/v1/users/${a.guest.id}`, { roles: [] })
  })

  test('a search finds letters of any alphabet, whatever their case', async () => {
    const { id } = await addPerson('letters@a.example', { name: 'Élodie ÄRZTIN Σοφία' })
    for (const path of ['/v1/teams', '/v1/projects'])
      await world.call(owner(), 'POST', path, { id: 'letters', name: 'ÖFFENTLICHE Ärzte' })
    const found = async (path: string, text: string) =>
      itemsOf(await world.call(owner(), 'GET', `${path}?search=${encodeURIComponent(text)}`)).items.map((i) => i.id)
    for (const text of ['élodie', 'ÉLODIE', 'ärztin', 'σοφία', 'ΣΟΦΊΑ'])
      expect(await found('/v1/users', text)).toEqual([id])
    for (const path of ['/v1/teams', '/v1/projects'])
      for (const text of ['öffentliche', 'ÄRZTE']) expect(await found(path, text)).toEqual(['letters'])
  })

  test('an admin, by session or key, neither makes, changes, deactivates nor removes an owner', async () => {
    for (const bearer of [admin(), a.keys.admin]) {
      const tries = [
        world.call(bearer, 'POST', '/v1/users', { email: 'x@a.example', roles: [{ role: 'owner' }] }),
        world.call(bearer, 'PATCH', `/v1/users/${a.people.owner.id}`, { active: false }),
        world.call(bearer, 'PATCH', `/v1/users/${a.people.owner.id}`, { email: 'mine@a.example' }),
        world.call(bearer, 'PATCH', `/v1/users/${a.people.owner.id}`, { roles: [] }),
        world.call(bearer, 'DELETE', `/v1/users/${a.people.owner.id}`),
      ]
      for (const answer of await Promise.all(tries)) expect([answer.status, codeOf(answer)]).toEqual([403, 'forbidden'])
    }
    expect((await world.call(owner(), 'GET', '/v1/users?email=x@a.example')).json).toEqual({ items: [] })
  })

  test('the last active owner can not be demoted, deactivated or removed, also not by two at once', async () => {
    const [, , c] = world.organisations
    const { id, bearer } = c.people.owner
    const call = (method: string, path: string, body?: unknown) => world.call(bearer, method, path, body)
    for (const [method, body] of [
      ['PATCH', { roles: [{ role: 'admin' }] }],
      ['PATCH', { active: false }],
      ['DELETE', undefined],
    ] as const) {
      const answer = await call(method, `/v1/users/${id}`, body)
      expect([answer.status, codeOf(answer)]).toEqual([409, 'conflict'])
    }
    const second = bodyOf(await call('POST', '/v1/users', { email: 'second@c.example', roles: [{ role: 'owner' }] }))
    const both = await Promise.all([
      call('PATCH', `/v1/users/${id}`, { roles: [] }),
      call('PATCH', `/v1/users/${second.id}`, { roles: [] }),
    ])
    const statuses = both.map((x) => x.status).sort()
    // Whose own role went first is not known; one owner is left whichever it was.
    expect(statuses[0]).toBe(200)
    expect([403, 409]).toContain(statuses[1])
    const owners = await world.database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM ecomind.memberships WHERE org_id = $1 AND role = 'owner'`,
      [c.id],
    )
    expect(owners).toEqual([{ n: 1 }])
  })

  test('where there is no owner at all, an admin key names the first one, and then no second', async () => {
    await world.database.query('DELETE FROM ecomind.memberships WHERE org_id = $1 AND role = $2', [b.id, 'owner'])
    const first = await world.call(b.keys.admin, 'POST', '/v1/users', {
      email: '1st@b.example',
      roles: [{ role: 'owner' }],
    })
    expect(first.status).toBe(201)
    const second = await world.call(b.keys.admin, 'POST', '/v1/users', {
      email: '2nd@b.example',
      roles: [{ role: 'owner' }],
    })
    expect(second.status).toBe(403)
  })

  test('a deactivated person is out at their next request and back when they are active again', async () => {
    const { id, bearer } = a.people.analyst
    expect((await world.call(bearer, 'GET', '/v1/users?limit=1')).status).toBe(200)
    await world.call(admin(), 'PATCH', `/v1/users/${id}`, { active: false })
    expect((await world.call(bearer, 'GET', '/v1/users?limit=1')).status).toBe(401)
    await world.call(admin(), 'PATCH', `/v1/users/${id}`, { active: true })
    expect((await world.call(bearer, 'GET', '/v1/users?limit=1')).status).toBe(200)
  })

  test.each(['PATCH', 'DELETE'])('%s that ends their access ends their sessions, and nobody else’s', async (method) => {
    const [ended, other] = [await addPerson(`${method}-1@a.example`), await addPerson(`${method}-2@a.example`)]
    for (const person of [ended, other]) {
      await world.database.query(
        `INSERT INTO ecomind.sessions (id, token_hash, user_agent, ip, created_at, last_seen_at)
           VALUES ($1, $1, '', '', now(), now())`,
        [person.id],
      )
      await world.database.query(
        `INSERT INTO ecomind.session_sign_ins (session_id, org_id, user_id, method, at) VALUES ($1, $2, $1, 'password', now())`,
        [person.id, a.id],
      )
    }
    await world.call(admin(), method, `/v1/users/${ended.id}`, method === 'PATCH' ? { active: false } : undefined)
    const left = await world.database.query<{ id: string }>('SELECT id FROM ecomind.sessions WHERE id IN ($1, $2)', [
      ended.id,
      other.id,
    ])
    expect(left).toEqual([{ id: other.id }])
  })

  test('If-Match refuses the slower of two changes, and a change of nothing leaves the version', async () => {
    const made = await addPerson('versions@a.example')
    const change = (name: string, tag: string) =>
      world.call(admin(), 'PATCH', `/v1/users/${made.id}`, { name }, { 'if-match': tag })
    const first = await change('First', `"${made.version}"`)
    expect(first.headers.get('etag')).toBe(`"${made.version + 1}"`)
    expect((await change('Second', `"${made.version}"`)).status).toBe(412)
    expect(bodyOf(await change('First', `"${made.version + 1}"`)).version).toBe(made.version + 1)
    expect((await auditOf('user', made.id)).map((e) => e.action)).toEqual(['create', 'update'])
  })

  test('a role in a team or project that is not there is refused, and so is the end of one that roles name', async () => {
    const person = await addPerson('scoped@a.example')
    const give = (scope: object) =>
      world.call(owner(), 'PATCH', `/v1/users/${person.id}`, { roles: [{ role: 'viewer', scope }] })
    expect((await give({ kind: 'team', id: 'nowhere' })).status).toBe(400)
    expect((await give({ kind: 'team', id: b.teams[1] })).status).toBe(400)
    await world.call(owner(), 'POST', '/v1/projects', { id: 'busy' })
    expect((await give({ kind: 'project', id: 'busy' })).status).toBe(200)
    expect((await world.call(owner(), 'DELETE', '/v1/projects/busy')).status).toBe(409)
    await give({ kind: 'organisation' })
    expect((await world.call(owner(), 'DELETE', '/v1/projects/busy')).status).toBe(200)
  })

  test('a team that is named and has no id gets one from its name', async () => {
    const made = await world.call(admin(), 'POST', '/v1/teams', { name: ' Forschung & Lehre, Süd ' })
    expect(made.json).toMatchObject({ id: 'forschung-lehre-süd', name: 'Forschung & Lehre, Süd' })
    expect((await world.call(admin(), 'POST', '/v1/teams', { name: 'Forschung, Lehre Süd' })).status).toBe(409)
    expect((await world.call(admin(), 'DELETE', '/v1/teams/forschung-lehre-s%C3%BCd')).status).toBeLessThan(300)
    // Nobody asked for this id, so the team that had it does not come back.
    expect((await world.call(admin(), 'POST', '/v1/teams', { name: 'Forschung, Lehre Süd' })).status).toBe(409)
    const long = (await world.call(admin(), 'POST', '/v1/teams', { name: `a${'𐐀'.repeat(99)}` })).json as { id: string }
    expect(Buffer.from(long.id).toString()).toBe(long.id)
    expect((await world.call(admin(), 'GET', `/v1/teams/${encodeURIComponent(long.id)}`)).status).toBe(200)
    for (const body of [{}, { name: '&' }, { name: '.' }]) {
      const refused = await world.call(admin(), 'POST', '/v1/teams', body)
      expect(refused.status).toBe(400)
      expect(refused.json).toMatchObject({ error: { code: 'invalid_parameter', field: 'id' } })
    }
  })

  test('teams and projects: made, listed, changed, removed, and brought back with a higher version', async () => {
    const id = 'ä/b c'
    const path = `/v1/projects/${encodeURIComponent(id)}`
    const made = await world.call(admin(), 'POST', '/v1/projects', { id, name: 'Search', team_id: a.teams[0] })
    expect([made.status, made.json]).toEqual([
      201,
      expect.objectContaining({ id, name: 'Search', team_id: 'shared', version: 1 }),
    ])
    expect((await world.call(admin(), 'POST', '/v1/projects', { id })).status).toBe(409)
    expect((await world.call(admin(), 'PATCH', path, { team_id: 'nowhere' })).status).toBe(400)
    expect((await world.call(admin(), 'PATCH', path, { team_id: null })).json).toMatchObject({
      name: 'Search',
      team_id: null,
      version: 2,
    })
    const listed = itemsOf(await world.call(admin(), 'GET', '/v1/projects?search=search'))
    expect(listed.items.map((i) => i.id)).toEqual([id])
    const ofTeam = itemsOf(await world.call(admin(), 'GET', '/v1/projects?team_id=shared'))
    expect(ofTeam.items.map((i) => i.id).sort()).toEqual([...a.projects].sort())
    expect((await world.call(admin(), 'DELETE', path)).status).toBe(200)
    expect((await world.call(admin(), 'GET', path)).status).toBe(404)
    const back = await world.call(admin(), 'POST', '/v1/projects', { id })
    expect(back.json).toMatchObject({ id, name: id, team_id: null, version: 4 })
    expect((await world.call(admin(), 'DELETE', '/v1/teams/shared')).status).toBe(409)
    const entries = await auditOf('project', id)
    expect(entries.map((e) => e.action)).toEqual(['create', 'update', 'delete', 'create'])
  })

  test.each([
    [{}, 'email'],
    [{ email: 'no address' }, 'email'],
    [{ email: 'x@y.example', roles: [{ role: 'king' }] }, 'roles.0.role'],
    [{ email: 'x@y.example', roles: [{ role: 'viewer', scope: { kind: 'team' } }] }, 'roles.0.scope.id'],
    [{ email: 'x@y.example', name: '' }, 'name'],
    [{ email: 'x@y.example', name: 'a\u0000b' }, 'name'],
    [{ email: 'x@y.example', is_admin: true }, 'is_admin'],
  ])('%j is refused, and %s is named', async (body, field) => {
    const answer = await world.call(owner(), 'POST', '/v1/users', body)
    expect(answer.json).toMatchObject({ error: { code: 'invalid_parameter', field } })
  })
})
