/** Counts two rows up in one transaction after the other and tells each acknowledged one; runs until it is killed. */
import { openDatabase } from '../open-database.ts'

const COUNT = `INSERT INTO ecomind.factor_override_counters VALUES ($1, 1)
  ON CONFLICT (org_id) DO UPDATE SET revision = ecomind.factor_override_counters.revision + 1 RETURNING revision`

const [folder = ''] = process.argv.slice(2)
const database = await openDatabase({ kind: 'pglite', folder })
for (;;) {
  const count = await database.transaction(async (queries) => {
    await queries.query(COUNT, ['a'])
    const [row] = await queries.query<{ revision: number }>(COUNT, ['b'])
    return row?.revision
  })
  process.send?.(count)
}
