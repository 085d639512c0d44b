import { expect, test } from 'vitest'
import type { Principal } from '../access/principal.ts'
import type { KeyScope } from '../access/roles.ts'
import { authenticateAnalyst } from './authenticate-analyst.ts'

const key = (scope: KeyScope): Principal => ({
  kind: 'key',
  orgId: 'org_a',
  keyId: 'k',
  scopes: [scope],
  ofFirstOrganisation: false,
})
const authenticate = authenticateAnalyst({
  find: async (secret) => {
    if (secret === 'broken') throw new Error('the store is away')
    return secret === 'read' || secret === 'admin' || secret === 'ingest' ? key(secret) : null
  },
})

test.each(['read', 'admin'])('a key of scope %s is let in for its organisation', async (secret) => {
  expect(await authenticate({ orgId: null, key: secret })).toEqual({ orgId: 'org_a', keyId: 'k' })
})

test('a key that may only send events is forbidden, an unknown one is not known', async () => {
  await expect(authenticate({ orgId: null, key: 'ingest' })).rejects.toMatchObject({ code: 497 })
  expect(await authenticate({ orgId: 'org_a', key: 'nobody' })).toBeNull()
})

test('a control store that is away is said, without its words', async () => {
  await expect(authenticate({ orgId: null, key: 'broken' })).rejects.toMatchObject({
    code: 210,
    message: 'keys can not be checked now; try again',
  })
})
