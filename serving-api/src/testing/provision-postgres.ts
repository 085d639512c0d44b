/** Before the tests of the vitest project `postgres`: starts a PostgreSQL, unless ECOMIND_TEST_DATABASE_URL names one. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const SCRIPT = fileURLToPath(new URL('../../../ops/provision/postgres.sh', import.meta.url))
const NAME = 'ECOMIND_TEST_DATABASE_URL'
const run = promisify(execFile)

/** @throws Error with the script's words when there is no PostgreSQL to start */
export async function setup(): Promise<() => Promise<void>> {
  if ((process.env[NAME] ?? '') !== '') return async () => undefined
  await run(SCRIPT, ['fetch'])
  const dir = await mkdtemp(join(tmpdir(), 'ecomind-postgres-'))
  const { stdout } = await run(SCRIPT, ['start', '--dir', dir])
  process.env[NAME] = stdout.trim()
  return async () => {
    delete process.env[NAME]
    await run(SCRIPT, ['stop', '--dir', dir])
    await rm(dir, { recursive: true, force: true })
  }
}
