/** A write front in a process of its own, so that it can be killed. Arguments: data folder, spool folder. */
import { acquireEngine } from '../embedded-engine.ts'
import { openSqlPort } from '../sql-port.ts'
import { type Arming, createFaults } from '../test-support/front-faults.ts'
import { openWriteFront } from '../test-support/write-front.ts'

const [dataDir = '', spoolDir = ''] = process.argv.slice(2)
const engine = await acquireEngine(dataDir, spoolDir)
const faults = createFaults()
const front = await openWriteFront({ dataDir, spoolDir, faults })
// For oracles that ask as an analyst does.
const sql = await openSqlPort({ dataDir, spoolDir, port: 0 })
process.on('message', (message: { arm: Arming | null } | { close: true } | { struck: true }) => {
  if ('arm' in message) faults.arm(message.arm)
  else if ('struck' in message) process.send?.({ struck: faults.struck() })
  else void stop()
})
process.on('disconnect', () => void stop())
process.send?.({ url: front.url, sqlUrl: `http://127.0.0.1:${sql.port}` })

async function stop(): Promise<void> {
  await sql.close()
  await front.close()
  await engine.release()
  process.exit(0)
}
