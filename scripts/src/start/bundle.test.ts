import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BUNDLE_FLAGS, bundleOf, bundleProcesses } from './bundle.ts'

let root: string
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
const run = (name: 'core' | 'edge') =>
  execFileSync(process.execPath, [...BUNDLE_FLAGS, bundleOf(root, name)], { cwd: tmpdir(), encoding: 'utf8' }).trim()

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ecomind-bundle-'))
  write('scripts/src/core/main.ts', "import { told } from './told.ts'\nconsole.log(told())")
  write(
    'scripts/src/core/told.ts',
    "import { readFileSync } from 'node:fs'\nexport const told = (): string => readFileSync(new URL('./words.txt', import.meta.url), 'utf8')",
  )
  write('scripts/src/core/words.txt', 'beside the source')
  write('ingest-edge/src/main.ts', "console.log('edge' satisfies string)")
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('a bundle runs as its sources would, and finds what stands beside them', async () => {
  expect(await bundleProcesses(root)).toBe(true)
  expect(run('core')).toBe('beside the source')
  expect(run('edge')).toBe('edge')
})

test('it is made anew when a source has changed, is gone or the bundle is missing, and only then', async () => {
  await bundleProcesses(root)
  expect(await bundleProcesses(root)).toBe(false)
  write('scripts/src/core/told.ts', "export const told = (): string => 'changed'")
  expect(await bundleProcesses(root)).toBe(true)
  expect(run('core')).toBe('changed')
  rmSync(bundleOf(root, 'edge'))
  expect(await bundleProcesses(root)).toBe(true)
  write('scripts/src/core/main.ts', "console.log('alone')")
  rmSync(join(root, 'scripts/src/core/told.ts'))
  expect(await bundleProcesses(root)).toBe(true)
  expect(run('core')).toBe('alone')
})

test('an error of a bundle names the line of its source', async () => {
  write(
    'scripts/src/core/told.ts',
    "interface Gone {}\nexport const told = (): Gone => {\n  throw new Error('no words')\n}",
  )
  await bundleProcesses(root)
  expect(() => run('core')).toThrow(/no words[\s\S]*told\.ts:3/)
})

test('sources that do not compile say where', async () => {
  write('scripts/src/core/told.ts', 'export const told = (')
  await expect(bundleProcesses(root)).rejects.toThrow(/scripts\/src\/core\/told\.ts:1:\d+: ERROR/)
})
