/**
 * `npm run analysts -- provision ORG`: makes what analysts of an organisation need on the ClickHouse server of
 * CLICKHOUSE_URL, and prints their user and a new password, this once. `withdraw ORG` takes it back. `--print` shows the
 * statements and runs nothing.
 */
import { randomBytes } from 'node:crypto'
import {
  ANALYST_LIMITS,
  analystNames,
  openClickHouse,
  provisionStatements,
  withdrawStatements,
} from '@ecomind/clickhouse'
import { readCoreConfig } from '../core/config.ts'

const USAGE = 'npm run analysts -- provision|withdraw ORG [--print]'
const PASSWORD_BYTES = 24

async function main(args: readonly string[]): Promise<void> {
  const [action = '', orgId = '', ...rest] = args
  if (!['provision', 'withdraw'].includes(action) || orgId === '' || rest.some((word) => word !== '--print'))
    throw new Error(`usage: ${USAGE}`)
  const { server } = readCoreConfig(process.env).loader
  if (server === null)
    throw new Error('CLICKHOUSE_URL: is not set. In process there is nothing to provision: analysts use a read key')
  if (server.cluster !== undefined)
    throw new Error('CLICKHOUSE_CLUSTER: accounts on a cluster are not made by this command; docs/sql.md says how')
  const password = randomBytes(PASSWORD_BYTES).toString('base64url')
  const apiUser = server.username ?? 'default'
  const statements =
    action === 'provision'
      ? provisionStatements({ orgId, password, limits: ANALYST_LIMITS, apiUser })
      : withdrawStatements(orgId)
  if (rest.includes('--print')) {
    say(`${statements.join(';\n')};`)
    return
  }
  const clickhouse = await openClickHouse(server, { role: 'upkeep' })
  try {
    for (const text of statements) await clickhouse.command({ text })
  } finally {
    await clickhouse.close()
  }
  if (action === 'withdraw') say(`analysts of ${orgId} have no account any more`)
  else say(`user ${analystNames(orgId).user}\npassword ${password}\ndatabase ${analystNames(orgId).database}`)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
})
