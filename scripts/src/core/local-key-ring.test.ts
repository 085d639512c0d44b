import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { localKeyRing } from './local-key-ring.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'local-key-ring-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('the secret keys of a machine', () => {
  it('are made once, for the owner of the folder alone, and read again', async () => {
    const folder = join(dir, 'data')
    await localKeyRing(folder)
    const file = join(folder, 'secret-keys')
    const text = readFileSync(file, 'utf8')
    expect(text).toMatch(/^local:[A-Za-z0-9+/]{43}=\n$/)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await localKeyRing(folder)
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  it('left half written by a cut power are made anew: nothing was sealed with them yet', async () => {
    writeFileSync(join(dir, 'secret-keys.new'), 'local:')
    await localKeyRing(dir)
    expect(readdirSync(dir)).toEqual(['secret-keys'])
    expect(readFileSync(join(dir, 'secret-keys'), 'utf8')).toMatch(/=\n$/)
  })

  it('that were damaged are refused by the name of their file, and not replaced', async () => {
    writeFileSync(join(dir, 'secret-keys'), '')
    await expect(localKeyRing(dir)).rejects.toThrow(`read ${join(dir, 'secret-keys')}: read secret keys: at least one`)
    expect(readFileSync(join(dir, 'secret-keys'), 'utf8')).toBe('')
  })
})
