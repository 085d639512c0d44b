import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const folder = new URL('./', import.meta.url)

/** A file and all that it imports. */
function reachedFrom(entry: string): ReadonlySet<string> {
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    const text = readFileSync(new URL(file, folder), 'utf8')
    for (const [, path] of text.matchAll(/from '\.\/([^']+)'/g)) if (path !== undefined) visit(path)
  }
  visit(entry)
  return seen
}

test('the main entry and all it imports run in a browser: no node: module, no process, no Buffer', () => {
  const main = reachedFrom('index.ts')
  for (const file of main)
    expect(readFileSync(new URL(file, folder), 'utf8'), file).not.toMatch(
      /from 'node:|\bprocess\.|\bBuffer\b|\brequire\(/,
    )
  // Nothing was overlooked: what the main entry does not reach belongs to an entry for Node.
  const reached = new Set(['node.ts', 'write-schema.ts'].flatMap((entry) => [...reachedFrom(entry)]).concat(...main))
  const sources = readdirSync(folder).filter(
    (f) => f.endsWith('.ts') && !f.includes('.test.') && !f.startsWith('test-'),
  )
  expect([...reached].sort()).toEqual(sources.sort())
})
