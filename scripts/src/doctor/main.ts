/** `npm run doctor [-- --json]`: looks at every setting and everything that is set, and says what to mend. Changes nothing. */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checksFor } from './checks.ts'
import { secretsOf } from './hide-secrets.ts'
import { asText, makeReport } from './report.ts'
import { runChecks } from './run-checks.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
/** Long enough for ClickHouse in process to open a large folder. */
const CHECK_MS_MAX = 15_000
const HELP = `npm run doctor [-- --json]

Looks at the settings in the environment and at everything they name: ports, Node, the data folder, the log or Kafka,
the schema registry, ClickHouse, the control store, Redis, clocks and secrets. Changes nothing and prints no secret.
One line a finding: ok, warning or fault, what was seen, and how to mend it. Exit code 1 when there is a fault.
`

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, help: { type: 'boolean' } } })
  if (values.help === true) return write(HELP)
  const findings = await runChecks(checksFor(process.env, ROOT), CHECK_MS_MAX)
  const report = makeReport(findings, secretsOf(process.env))
  process.exitCode = report.status === 'fault' ? 1 : 0
  await write(values.json === true ? `${JSON.stringify(report, null, 2)}\n` : `${asText(report)}\n`)
}

/** Waits until it is out: the process ends behind it, whatever a check that took too long still does. */
function write(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve())
  })
}

await main().catch((error: unknown) => {
  process.stderr.write(`doctor: ${(error as Error).message}\n`)
  process.exitCode = 1
})
process.exit()
