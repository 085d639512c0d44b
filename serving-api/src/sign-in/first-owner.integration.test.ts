import { afterAll, beforeAll, expect, test } from 'vitest'
import { PASSWORD, type SignInWorld, startSignInWorld } from '../testing/sign-in-world.ts'
import { TestBrowser } from '../testing/test-browser.ts'
import { createOwnerLink } from './first-owner.ts'

let world: SignInWorld
beforeAll(async () => {
  world = await startSignInWorld()
})
afterAll(async () => {
  await world?.stop()
})

const body = (token: string) => ({
  token,
  org_id: 'org_first',
  org_name: 'First Ltd',
  name: 'Ada',
  email: 'Ada@first.example',
  password: PASSWORD,
})
const make = (browser: TestBrowser, token: string) =>
  browser.ask('POST', `${world.url}/v1/auth/first-owner`, body(token))

test('a start without an organisation prints a link that makes the first owner, once', async () => {
  const printed = /first-owner#([\w-]{43})/.exec(world.logLines.join('\n'))?.[1] ?? ''
  expect(printed).not.toBe('')
  const link = await createOwnerLink(world.signIn)
  const token = new URL(link?.url ?? '').hash.slice(1)
  const browser = new TestBrowser()
  expect((await make(browser, printed)).json).toMatchObject({ error: { code: 'link_invalid' } })
  const made = await make(browser, token)
  expect(made.status).toBe(201)
  expect(made.json).toMatchObject({ org_id: 'org_first' })
  const me = await browser.ask('GET', `${world.url}/v1/auth/me`)
  expect(me.json).toMatchObject({
    organisations: [{ org_id: 'org_first', email: 'ada@first.example', roles: [{ role: 'owner' }] }],
  })
  expect((await make(new TestBrowser(), token)).json).toMatchObject({ error: { code: 'link_invalid' } })
  expect(await createOwnerLink(world.signIn)).toBeNull()
  const rows = await world.database.query('SELECT is_first, id FROM ecomind.organisations')
  expect(rows).toEqual([{ is_first: true, id: 'org_first' }])
  await world.signedIn('ada@first.example')
})
