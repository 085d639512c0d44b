import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { freeProductPorts } from '../bench/free-ports.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

test('the core starts, answers and stops with 0 when its log can not be written', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'core-main-'))
  const { api, env: ports } = await freeProductPorts()
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN], {
    env: { ...process.env, ...ports, ECOMIND_DATA_DIR: dir },
    stdio: ['ignore', openSync('/dev/full', 'w'), 'inherit'],
  })
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
    rmSync(dir, { recursive: true })
  })
  const health = () =>
    fetch(`http://127.0.0.1:${api}/health`).then(
      (answer) => answer.status,
      () => 0,
    )
  await expect.poll(health).toBe(200)
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})
