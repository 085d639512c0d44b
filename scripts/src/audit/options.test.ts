import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readOptions } from './options.ts'
import { readPublishedHeads } from './read-published-heads.ts'

const secret = `k1:${randomBytes(32).toString('base64')}`

describe('readOptions', () => {
  test('takes the folder of the settings, or the server', () => {
    expect(readOptions(['verify'], {}, '/product')).toMatchObject({
      command: 'verify',
      orgId: null,
      json: false,
      target: { kind: 'pglite', folder: '/product/data/control' },
      keyRing: null,
    })
    const elsewhere = readOptions(['verify', '--org', 'o', '--json'], { ECOMIND_DATA_DIR: '/d' }, '/product')
    expect(elsewhere).toMatchObject({ orgId: 'o', json: true, target: { folder: '/d/control' } })
    const url = 'postgres://u@h/d'
    const server = readOptions(['sign'], { DATABASE_URL: url, ECOMIND_SECRET_KEYS: secret }, '/product')
    expect(server).toMatchObject({ target: { kind: 'postgres', url }, keyRing: { activeId: 'k1' } })
    expect(readOptions(['--help'], {}, '/product')).toBeNull()
  })

  test.each([
    [[], {}, /command: one of verify/],
    [['prove'], {}, /command: one of verify/],
    [['sign'], {}, /ECOMIND_SECRET_KEYS: is required/],
    [['grant'], {}, /DATABASE_URL: is required/],
    [['verify'], { ECOMIND_SECRET_KEYS: 'x' }, /ECOMIND_SECRET_KEYS: read secret key/],
  ])('%j is refused by name', (args, env, message) => {
    expect(() => readOptions(args, env, '/product')).toThrow(message)
  })
})

describe('readPublishedHeads', () => {
  const head = {
    org_id: 'o',
    day: '2026-05-01',
    seq: 4,
    hash: 'a'.repeat(64),
    signed_at: '2026-05-02T00:05:00.000Z',
    key_id: 'k1',
    signature: 'c2ln',
  }

  test('finds heads among other lines of a log, in answers, and plain; a file without any is refused', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ecomind-heads-'))
    try {
      const file = join(folder, 'log')
      const lines = [
        '{"level":30,"msg":"serving API listens"}',
        JSON.stringify({ level: 30, audit_head: head, msg: 'audit head signed' }),
        'not JSON',
        '{broken',
        JSON.stringify({ items: [{ ...head, seq: 5 }] }),
        JSON.stringify({ ...head, seq: 6 }),
      ]
      writeFileSync(file, `${lines.join('\n')}\n`)
      const heads = readPublishedHeads(file)
      expect(heads.map((h) => h.seq)).toEqual([4, 5, 6])
      expect(heads[0]).toMatchObject({ orgId: 'o', keyId: 'k1', signedAt: new Date(head.signed_at) })
      writeFileSync(file, 'nothing\n')
      expect(() => readPublishedHeads(file)).toThrow(/holds none/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
