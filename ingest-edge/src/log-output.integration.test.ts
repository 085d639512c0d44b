import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const LOG_OUTPUT = fileURLToPath(new URL('./log-output.ts', import.meta.url))
/** Blocks of 512 bytes: a file may not grow beyond that, as on a full disk. */
const FILE_BLOCKS_MAX = 4096

/** Runs `source` with `log`, whose standard output is the file or device. */
async function run(source: string, out: string): Promise<{ readonly code: number; readonly errors: string }> {
  const lines = `import { ftruncateSync } from 'node:fs'
    import { pino } from 'pino'
    import { logOutput } from ${JSON.stringify(LOG_OUTPUT)}
    const log = pino({ base: null, timestamp: false }, logOutput())
    ${source}`
  const limited = `trap '' XFSZ; ulimit -f ${FILE_BLOCKS_MAX}; exec "$@"`
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', lines]
  const child = spawn('sh', ['-c', limited, 'sh', ...node], { stdio: ['ignore', openSync(out, 'a'), 'pipe'] })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  const [code] = await once(child, 'close')
  return { code, errors }
}

test('a process whose log can not be written goes on, and ends as it wants to', async () => {
  const source =
    "for (let i = 0; i < 3000; i++) log.info('x'.repeat(100)); process.stderr.write('went on'); process.exit(7)"
  expect(await run(source, '/dev/full')).toEqual({ code: 7, errors: 'went on' })
})

test('a log that was full for long is written again once there is room, in whole lines', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'log-output-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const file = join(dir, 'log')
  const source = `for (let i = 0; i < 30000; i++) log.info('x'.repeat(100))
    ftruncateSync(1)
    for (let i = 0; i < 10; i++) log.info('room ' + i + ' '.repeat(300))`
  expect(await run(source, file)).toEqual({ code: 0, errors: '' })
  // The first may have been cut in the middle, when the file was made shorter.
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(1)
  expect(lines.length).toBeGreaterThan(100)
  const messages = lines.map((line) => (JSON.parse(line) as { readonly msg: string }).msg.trim())
  expect(messages.slice(-9)).toEqual(Array.from({ length: 9 }, (_, i) => `room ${i + 1}`))
})
