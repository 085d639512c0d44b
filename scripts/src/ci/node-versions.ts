/**
 * `npm run test:node-versions [-- --fast 24]`: the supported Node versions other than 20, each with its own binary (from
 * the npm registry, kept in a cache folder): the tests of the edge and of the log, which start real edges on each HTTP
 * engine there is, and the whole product with one event from HTTP to the API. `--fast` leaves out the slowest tests of
 * the log.
 */
import { execFile, spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freeProductPorts } from '../bench/free-ports.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
const VERSIONS = ['22', '24']
/** Of the log: without killed writers and damaged files, half of the time and the least to do with the version of Node. */
const LOG_TESTS = { all: ['event-log/'], fast: ['event-log/src/lmdb-log.', 'event-log/src/process-lock'] }
const VISIBLE_MS = 120_000
const run = promisify(execFile)
const fast = process.argv.includes('--fast')
const countsFile = process.env['COUNTS_FILE']

interface Counts {
  passed: number
  failed: number
  skipped: number
}

/** The binary of a Node version: the newest of its line when it is not in the cache yet. */
async function installNode(version: string): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const folder = join(cache, 'ecomind', `node-${version}`)
  const name = `node-${process.platform}-${process.arch}`
  const binary = join(folder, 'node_modules', name, 'bin', 'node')
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true })
    const args = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts']
    await run('npm', [...args, `${name}@${version}`])
  }
  return binary
}

/** One vitest run under that Node; counted by the reporter in a file of its own. */
async function runTests(node: string, folder: string): Promise<Counts> {
  const counts = join(folder, 'counts')
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const args = [
    vitest,
    'run',
    '--project',
    'unit',
    '--project',
    'integration',
    'ingest-edge/',
    ...LOG_TESTS[fast ? 'fast' : 'all'],
  ]
  const code = await wait(spawn(node, args, { cwd: ROOT, env: envOf(node, { COUNTS_FILE: counts }), stdio: 'inherit' }))
  const failures = `${counts}.failed`
  if (existsSync(failures)) tellFailure(node, readFileSync(failures, 'utf8').trimEnd())
  else if (code !== 0) tellFailure(node, `vitest ended with code ${code}`)
  const text = existsSync(counts) ? readFileSync(counts, 'utf8') : ''
  const [passed = 0, failed = 0, skipped = 0] = (text.match(/\d+/g) ?? []).map(Number)
  // A run that ended badly without a failed test counts as one failure.
  return { passed, failed: code === 0 ? failed : Math.max(failed, 1), skipped }
}

/** `npm start` under that Node on free ports; one event must come out of the API. */
async function runProduct(node: string, folder: string): Promise<Counts> {
  const { edge, api, env: ports } = await freeProductPorts()
  const child = spawn(node, ['--import', 'tsx', join(ROOT, 'scripts/src/start/main.ts')], {
    cwd: ROOT,
    env: envOf(node, { ...ports, ECOMIND_DATA_DIR: join(folder, 'data') }),
    stdio: 'inherit',
  })
  const ended = wait(child)
  try {
    await until(`http://127.0.0.1:${edge}/health`, /"status":"ok"/)
    const event = { provider: 'openai', model: 'gpt-4o', tokens_in: 100, tokens_out: 50, region: 'US-CAISO' }
    const body = JSON.stringify({ org_id: 'org_demo', user_id: 'user_a', ts: '2025-09-30T12:00:00Z', ...event })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`http://127.0.0.1:${edge}/v1/ingest`, { method: 'POST', headers, body })
    if (answer.status !== 202) throw new Error(`send one event: ${answer.status} ${await answer.text()}`)
    const days = `http://127.0.0.1:${api}/v1/aggregate/daily?org_id=org_demo&from=2025-09-30&to=2025-10-01`
    await until(days, /"calls":1,"tokens_in":100/)
    return { passed: 1, failed: 0, skipped: 0 }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    tellFailure(node, `the whole product: ${(error as Error).message}`)
    return { passed: 0, failed: 1, skipped: 0 }
  } finally {
    child.kill('SIGINT')
    await ended
  }
}

/** What failed, for the end of CI's output (counts-reporter.ts). */
function tellFailure(node: string, failure: string): void {
  if (countsFile !== undefined) appendFileSync(`${countsFile}.failed`, `with ${node}:\n${failure}\n`)
}

/** That Node stands first in the path, for what starts `node` by its name. */
function envOf(node: string, more: Record<string, string>): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}`, ...more }
}

function wait(child: ReturnType<typeof spawn>): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code))
    child.once('error', () => resolve(null))
  })
}

async function until(url: string, wanted: RegExp): Promise<void> {
  const deadline = Date.now() + VISIBLE_MS
  for (let last = ''; ; ) {
    last = await fetch(url).then(
      (answer) => answer.text(),
      (error: Error) => error.message,
    )
    if (wanted.test(last)) return
    if (Date.now() > deadline) throw new Error(`ask ${url}: ${last.slice(0, 300)}; wanted ${wanted}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

const total: Counts = { passed: 0, failed: 0, skipped: 0 }
const given = process.argv.slice(2).filter((arg) => arg !== '--fast')
for (const version of given.length > 0 ? given : VERSIONS) {
  const node = await installNode(version)
  const { stdout } = await run(node, ['--version'])
  process.stdout.write(`\nNode ${stdout.trim()}\n`)
  const folder = mkdtempSync(join(tmpdir(), 'ecomind-node-'))
  try {
    for (const counts of [await runTests(node, folder), await runProduct(node, folder)]) {
      total.passed += counts.passed
      total.failed += counts.failed
      total.skipped += counts.skipped
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
const line = `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`
process.stdout.write(`\n${line}\n`)
if (countsFile !== undefined) appendFileSync(countsFile, `${line}\n`)
if (total.failed > 0 || total.passed === 0) process.exitCode = 1
