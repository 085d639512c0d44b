/** A PostgreSQL of a test's own, by ops/provision/postgres.sh. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { provision } from '@ecomind/event-log/testing/kafka-cluster'

export interface Postgres {
  readonly url: string
  stop(): Promise<void>
  /** On its old data and port. */
  start(): Promise<void>
  remove(): Promise<void>
}

export async function startPostgres(): Promise<Postgres> {
  await provision('postgres.sh', 'fetch')
  const dir = await mkdtemp(join(tmpdir(), 'ecomind-pg-'))
  const start = () => provision('postgres.sh', 'start', '--dir', dir)
  const stop = async () => {
    await provision('postgres.sh', 'stop', '--dir', dir)
  }
  return {
    url: await start(),
    stop,
    start: async () => {
      await start()
    },
    remove: async () => {
      await stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
