/** On PGlite, and on a server of the tester's choice: set ECOMIND_TEST_DATABASE_URL to a database without organisations. */
import { openDatabase } from '../database/open-database.ts'
import { idempotencyContract } from '../http/idempotency.contract.ts'
import { scimContract } from '../scim/scim.contract.ts'
import { directoryContract } from './directory.contract.ts'

const url = process.env['ECOMIND_TEST_DATABASE_URL'] ?? ''
const stores = [
  ['PGlite', async () => null],
  ...(url === '' ? [] : [['PostgreSQL', () => openDatabase({ kind: 'postgres', url })] as const]),
] as const

for (const [name, open] of stores) {
  directoryContract(name, open)
  idempotencyContract(name, open)
  scimContract(name, open)
}
