/**
 * Inserts batches under their tokens, one after the other, until it is done or killed. Says `start n` and `stored n` on
 * standard output. Arguments: data directory, spool directory, first batch, number of batches, rows a batch, seed.
 */
import { insertUsageRows } from '../insert-usage-rows.ts'
import { migrate } from '../migrate.ts'
import { openClickHouse } from '../open-clickhouse.ts'
import { sampleRows } from '../test-support/sample-rows.ts'

const [dataDir = '', spoolDir = '', ...numbers] = process.argv.slice(2)
const [first = 0, batches = 0, count = 0, seed = 0] = numbers.map(Number)
const DAY_MS = 86_400_000

const ch = await openClickHouse({ kind: 'embedded', dataDir, spoolDir }, { role: 'loader' })
await migrate(ch)
for (let batch = first; batch < first + batches; batch++) {
  process.stdout.write(`start ${batch}\n`)
  const rows = sampleRows({
    seed,
    count,
    firstOffset: batch * count,
    aroundMs: Date.UTC(2026, 9, 1),
    spreadMs: 20 * DAY_MS,
  })
  await insertUsageRows(ch, rows, `${seed}-${batch}`)
  process.stdout.write(`stored ${batch}\n`)
}
await ch.close()
