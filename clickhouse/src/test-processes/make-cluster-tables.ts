/**
 * Runs statements (JSON list in the file of the first argument) on an engine with a keeper in memory, prints its tables and
 * kills itself: an engine with replicated tables never closes, because it waits for replicas that can't come up in process.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Session } from 'chdb'
import { clusterConfig } from '../test-support/one-shard.ts'

const statements: readonly string[] = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'cluster-tables-'))
try {
  const config = join(folder, 'config.xml')
  writeFileSync(config, clusterConfig('main'))
  const session = new Session(join(folder, 'data'), { connectionArgs: [`--config-file=${config}`] })
  for (const text of statements) session.query(text)
  const tables = `SELECT concat(database, '.', name, ' ', engine,
      if(engine_full LIKE '%replicated_deduplication_window_seconds = 604800%', ' remembers a week', '')) AS t
    FROM system.tables WHERE database LIKE 'ecomind%' ORDER BY t`
  writeSync(1, session.query(tables, 'TabSeparatedRaw'))
} catch (error) {
  writeSync(2, String(error))
} finally {
  rmSync(folder, { recursive: true, force: true })
  process.kill(process.pid, 'SIGKILL')
}
