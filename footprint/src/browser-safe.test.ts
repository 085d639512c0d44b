import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const folder = new URL('./', import.meta.url)

test('the main entry and all it imports run in a browser: no node: module, no process, no Buffer', () => {
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    const text = readFileSync(new URL(file, folder), 'utf8')
    expect(text, file).not.toMatch(/from 'node:|\bprocess\.|\bBuffer\b|\brequire\(/)
    for (const [, path] of text.matchAll(/from '\.\/([^']+)'/g)) if (path !== undefined) visit(path)
  }
  visit('index.ts')
  const sources = readdirSync(folder).filter(
    (f) => f.endsWith('.ts') && !f.includes('.test.') && !f.startsWith('test-'),
  )
  // Nothing was overlooked: every file but the Node entry belongs to the main entry.
  expect([...seen].sort()).toEqual(sources.filter((f) => f !== 'node.ts').sort())
})
