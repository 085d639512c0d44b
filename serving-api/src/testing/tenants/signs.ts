/** What the askers of an organisation show: its keys, and the cookies of its people, signed in as the sign-in does it. */

import { csrfTokenOf } from '../../sign-in/sessions/session-of-request.ts'
import { addSignIn, openSession } from '../../sign-in/sessions/session-store.ts'
import type { Signs } from './ask.ts'
import { accountIdOf, ROLES } from './seed-control.ts'
import { NOW_MS } from './seed-usage.ts'
import type { Tenant } from './tenant.ts'
import type { TenantWorld } from './tenant-world.ts'

export async function signsOf(
  { signIn, url }: TenantWorld,
  person: { readonly orgId: string; readonly userId: string },
): Promise<{ readonly sessionId: string; readonly signs: Signs }> {
  const { id, token } = await signIn.keep(async (queries) => {
    const client = { ip: '192.0.2.1', userAgent: 'walker' }
    const opened = await openSession(queries, undefined, client, NOW_MS)
    await addSignIn(queries, opened.id, { ...person, method: 'password' }, NOW_MS)
    return opened
  })
  return {
    sessionId: id,
    signs: { cookie: `ecomind=${token}`, origin: url, 'x-csrf-token': csrfTokenOf(token) },
  }
}

/** Every kind of asker of the organisation, by name; `nobody` shows nothing. */
export async function askersOf(world: TenantWorld, { things, keys }: Tenant): Promise<Readonly<Record<string, Signs>>> {
  const askers: Record<string, Signs> = { nobody: {} }
  for (const [scope, secret] of Object.entries(keys)) askers[`${scope} key`] = { authorization: `Bearer ${secret}` }
  for (const kind of ROLES) {
    const person = { orgId: things.orgId, userId: accountIdOf(things.mark, kind) }
    askers[`person ${kind}`] = (await signsOf(world, person)).signs
  }
  return askers
}
