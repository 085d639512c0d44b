/** Tries to open a data directory and writes down what became of it. Arguments: data directory, spool directory. */
import { openClickHouse } from '../open-clickhouse.ts'

const [dataDir = '', spoolDir = ''] = process.argv.slice(2)
try {
  const ch = await openClickHouse({ kind: 'embedded', dataDir, spoolDir }, { role: 'loader' })
  await ch.close()
  process.stdout.write('opened')
} catch (cause) {
  process.stdout.write(String(cause))
}
