/**
 * Runs statements on the embedded ClickHouse of a stopped product, as a person with a shell could:
 * `node --import tsx run-statement.ts <data dir> <statement>...`. Prints one line of JSON per row.
 */
import { join } from 'node:path'
import { openClickHouse } from '@ecomind/clickhouse'

const [dataDir, ...statements] = process.argv.slice(2)
if (dataDir === undefined) throw new Error('run statements: a data directory and statements are wanted')
const target = { kind: 'embedded', dataDir: join(dataDir, 'clickhouse'), spoolDir: join(dataDir, 'spool') } as const
const clickHouse = await openClickHouse(target, { role: 'loader' })
for (const text of statements) {
  if (/^\s*SELECT/i.test(text)) {
    for (const row of await clickHouse.query<unknown>({ text })) process.stdout.write(`${JSON.stringify(row)}\n`)
  } else await clickHouse.command({ text })
}
await clickHouse.close()
