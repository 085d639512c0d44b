/** The provisioning scripts themselves: they parse, and refuse what they don't know in words. That they work is seen by running them. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const FOLDER = fileURLToPath(new URL('../../../ops/provision/', import.meta.url))
const run = (script: string, ...args: readonly string[]) =>
  spawnSync('bash', [join(FOLDER, script), ...args], { encoding: 'utf8' })

describe('ops/provision', () => {
  const scripts = readdirSync(FOLDER).filter((name) => name.endsWith('.sh'))

  test('every script parses', () => {
    expect(scripts.length).toBeGreaterThan(5)
    for (const script of scripts) {
      expect(spawnSync('bash', ['-n', join(FOLDER, script)], { encoding: 'utf8' }).stderr, script).toBe('')
    }
  })

  test.each(['k6.sh', 'postgres.sh', 'redis.sh', 'registry.sh'])('%s tells how it is used', (script) => {
    const { status, stderr } = run(script, 'nonsense')
    expect(status).toBe(1)
    expect(stderr).toMatch(new RegExp(`usage: ${script}`))
  })

  test.each([
    [['start', '--prot', '1'], /unknown option --prot/],
    [['start', '--port'], /--port wants a value/],
    [['start', '--port', 'x'], /a number from 1 to 65535/],
  ])('options are checked before anything starts: %j', (args, words) => {
    const { status, stderr } = run('redis.sh', ...args)
    expect(status).toBe(1)
    expect(stderr).toMatch(words)
  })
})
