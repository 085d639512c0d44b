/**
 * A write front in a process of its own, so that it can be killed. Arguments: data folder, spool folder, and for a server
 * that is a cluster of one shard (test-support/one-shard.ts) the cluster's name.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Session } from 'chdb'
import { openAnalystDesk } from '../analyst-desk.ts'
import { openAnalystSql } from '../analyst-sql.ts'
import { acquireEngine } from '../embedded-engine.ts'
import { openSqlPort } from '../sql-port.ts'
import { type Arming, createFaults } from '../test-support/front-faults.ts'
import { clusterConfig, onOneShard } from '../test-support/one-shard.ts'
import { openWriteFront } from '../test-support/write-front.ts'

interface Engine {
  readonly sqlUrl: string
  readonly rewrite: (text: string) => readonly string[]
  close(): Promise<void>
}

const [dataDir = '', spoolDir = '', cluster] = process.argv.slice(2)
const engine = cluster === undefined ? await openServer() : openCluster(cluster)
const faults = createFaults()
const front = await openWriteFront({ dataDir, spoolDir, faults, rewrite: engine.rewrite })
process.on('message', (message: { arm: Arming | null } | { close: true } | { struck: true }) => {
  if ('arm' in message) faults.arm(message.arm)
  else if ('struck' in message) process.send?.({ struck: faults.struck() })
  else void stop()
})
process.on('disconnect', () => void stop())
process.send?.({ url: front.url, sqlUrl: engine.sqlUrl })

async function stop(): Promise<void> {
  await front.close()
  await engine.close()
  process.exit(0)
}

/** With the analysts' SQL port, for oracles that ask as an analyst does. */
async function openServer(): Promise<Engine> {
  const { release } = await acquireEngine(dataDir, spoolDir)
  const desk = openAnalystDesk({ sql: await openAnalystSql({ dataDir, spoolDir }) })
  const sql = await openSqlPort({ desk, access: { kind: 'local', orgId: 'org_demo' }, port: 0 })
  return {
    sqlUrl: `http://127.0.0.1:${sql.port}`,
    rewrite: (text) => [text],
    async close() {
      await sql.close()
      await desk.close()
      await release()
    },
  }
}

function openCluster(name: string): Engine {
  mkdirSync(spoolDir, { recursive: true })
  const config = join(spoolDir, 'cluster.xml')
  writeFileSync(config, clusterConfig(name))
  const session = new Session(dataDir, { connectionArgs: [`--config-file=${config}`] })
  return { sqlUrl: '', rewrite: onOneShard, close: async () => session.close() }
}
