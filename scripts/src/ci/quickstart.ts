/**
 * Runs the quickstart of README.md as a newcomer would: `npm start`, then each curl between the quickstart marks, word
 * for word, on the default ports, then Ctrl-C. Fails when a command fails or its answer is not what it should be.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const START_MS = 600_000
/** An accepted event is visible within seconds; after this long it is lost. */
const VISIBLE_MS = 180_000

/** What each answer must hold, in the order of the README. */
const WANTED: readonly (readonly [command: string, answer: RegExp])[] = [
  ['/v1/ingest', /^\{"accepted":1,"rejected":\[\],"event_ids":\["[^"]+"\]\}$/],
  ['/health', /"status":"ok"/],
  ['/v1/today', /"kwh":[\d.]+.*"kwh_low":/],
  ['/v1/aggregate/daily', /"date":"2025-09-30".*"calls":1,"tokens_in":100,"tokens_out":50/],
  ['/v1/events', /"model":"gpt-4o"/],
  ['usage_events', /^gpt-4o\t0\.\d+$/m],
]

function quickstartCommands(): string[] {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const block = /<!-- quickstart:[^>]*-->\n```sh\n([\s\S]*?)```\n<!-- quickstart end -->/.exec(readme)?.[1] ?? ''
  return block.split('\n').filter((line) => line.startsWith('curl '))
}

let text = ''

function waitReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`npm start: not ready after ${START_MS} ms\n${text}`)), START_MS)
    const onText = (chunk: Buffer) => {
      text += chunk.toString()
      process.stdout.write(chunk)
      if (!/^Ecomind is ready: http:\/\/127\.0\.0\.1:8000$/m.test(text)) return
      clearTimeout(timer)
      resolve()
    }
    child.stdout?.on('data', onText)
    child.stderr?.on('data', onText)
    child.once('exit', (code) => reject(new Error(`npm start: ended with ${code}\n${text}`)))
  })
}

/** Tries a reading command until its answer fits; the sending one is run once. */
async function check(command: string, wanted: RegExp): Promise<void> {
  const deadline = Date.now() + VISIBLE_MS
  for (;;) {
    const { stdout } = await promisify(execFile)('bash', ['-c', command.replace('curl ', 'curl -sS ')])
    if (wanted.test(stdout.trim())) return
    if (command.includes(' POST ') || Date.now() > deadline) {
      throw new Error(`${command}\nanswered ${stdout.slice(0, 500)}\nwanted ${wanted}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

const commands = quickstartCommands()
const dataDir = mkdtempSync(join(tmpdir(), 'ecomind-quickstart-'))
const started = Date.now()
const child = spawn('npm', ['start', '--silent'], {
  cwd: ROOT,
  env: { ...process.env, ECOMIND_DATA_DIR: dataDir },
  detached: true,
  stdio: ['ignore', 'pipe', 'pipe'],
})
let passed = 0
let failed = 0
try {
  await waitReady(child)
  process.stdout.write(`ready after ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
  if (commands.length !== WANTED.length)
    throw new Error(`README: ${commands.length} commands, ${WANTED.length} are checked`)
  for (const [i, [part, answer]] of WANTED.entries()) {
    const command = commands[i] ?? ''
    if (!command.includes(part)) throw new Error(`README: command ${i + 1} was expected to name ${part}: ${command}`)
    await check(command, answer)
    passed++
    process.stdout.write(`ok: ${command}\n`)
  }
} catch (error) {
  failed++
  process.stderr.write(`${(error as Error).message}\n`)
}
const ended = new Promise<void>((resolve) => {
  if (child.exitCode !== null || child.signalCode !== null) resolve()
  else child.once('exit', () => resolve())
})
// As Ctrl-C in a terminal: the whole process group gets the signal. npm passes it on and ends by it, as it should.
if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT')
await ended
if ((child.exitCode === 0 || child.signalCode === 'SIGINT') && /^Stopped\./m.test(text)) passed++
else {
  failed++
  process.stderr.write(
    `npm start: ended with ${child.exitCode ?? child.signalCode} after Ctrl-C and did not say that it stopped\n`,
  )
}
rmSync(dataDir, { recursive: true, force: true })
const line = `${passed} passed, ${failed} failed, 0 skipped`
process.stdout.write(`${line}\n`)
const countsFile = process.env['COUNTS_FILE']
if (countsFile !== undefined) appendFileSync(countsFile, `${line}\n`)
process.exitCode = failed === 0 ? 0 : 1
