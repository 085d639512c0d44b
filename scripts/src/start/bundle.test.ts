import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
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

test('two starts at once in one process make it once', async () => {
  expect(await Promise.all([bundleProcesses(root), bundleProcesses(root)])).toEqual([true, false])
  expect(run('edge')).toBe('edge')
})

test('one that was cut short or changed by hand is made anew', async () => {
  await bundleProcesses(root)
  write(relative(root, bundleOf(root, 'core')), '')
  expect(await bundleProcesses(root)).toBe(true)
  expect(run('core')).toBe('beside the source')
})

test('packages stay outside, those of the workspace are in it', async () => {
  write('node_modules/@ecomind/words/package.json', '{"name":"@ecomind/words","exports":"./index.ts"}')
  write('node_modules/@ecomind/words/index.ts', "export const own: string = 'own'")
  write('node_modules/others/package.json', '{"name":"others","type":"module","exports":"./index.js"}')
  write('node_modules/others/index.js', "export const theirs = 'theirs'")
  write(
    'ingest-edge/src/main.ts',
    "import { own } from '@ecomind/words'\nimport { theirs } from 'others'\nconsole.log(own, theirs)",
  )
  await bundleProcesses(root)
  write('node_modules/others/index.js', "export const theirs = 'theirs, updated'")
  rmSync(join(root, 'node_modules/@ecomind'), { recursive: true })
  expect(run('edge')).toBe('own theirs, updated')
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
