import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeyRingError, readKeyRing } from './key-ring.ts'
import { keyRingOf } from './key-ring-settings.ts'
import { open, SealError, seal } from './seal.ts'

const secret = () => randomBytes(32).toString('base64')
const faultOf = (text: string): string => {
  try {
    readKeyRing(text)
  } catch (error) {
    if (error instanceof KeyRingError) return error.message
  }
  throw new Error('it was taken')
}

describe('readKeyRing', () => {
  test('the first key is active, line ends separate as commas do', () => {
    const ring = readKeyRing(`new:${secret()}\nold:${secret()}, older:${randomBytes(32).toString('base64url')}\n`)
    expect(ring.activeId).toBe('new')
    expect(ring.ids).toEqual(['new', 'old', 'older'])
  })

  test('derived keys differ by id and purpose and are the same each time', () => {
    const text = `a:${secret()},b:${secret()}`
    const ring = readKeyRing(text)
    const keys = ['a', 'b'].flatMap((id) => ['pepper', 'snapshot'].map((p) => ring.derive(id, p).toString('hex')))
    expect(new Set(keys).size).toBe(4)
    expect(readKeyRing(text).derive('a', 'pepper').toString('hex')).toBe(keys[0])
    expect(() => ring.derive('c', 'pepper')).toThrow(KeyRingError)
  })

  test.each([
    ['nothing', ''],
    ['no id', secret()],
    ['31 bytes', `a:${randomBytes(31).toString('base64')}`],
    ['33 bytes', `a:${randomBytes(33).toString('base64')}`],
    ['all zero', `a:${Buffer.alloc(32).toString('base64')}`],
    ['all equal', `a:${Buffer.alloc(32, 7).toString('base64')}`],
    ['counting', `a:${Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64')}`],
    ['a placeholder', `a:${Buffer.from('please-change-me-please-change-me').subarray(0, 32).toString('base64')}`],
    ['an id twice', `a:${secret()},a:${secret()}`],
  ])('%s is refused, and no secret is told', (_, text) => {
    const fault = faultOf(text)
    for (const part of text.split(/[,:]/).filter((p) => p.length > 2)) expect(fault).not.toContain(part)
  })

  test('the same secret under two ids is refused', () => {
    const same = secret()
    expect(faultOf(`a:${same},b:${same}`)).toContain('two ids')
  })

  test('random bytes are taken, whatever they are', () => {
    fc.assert(
      fc.property(fc.constant(null), () => {
        expect(readKeyRing(`k:${secret()}`).ids).toEqual(['k'])
      }),
    )
  })
})

describe('keyRingOf', () => {
  test('reads a file, and names the setting of a fault', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ecomind-key-ring-'))
    try {
      const file = join(folder, 'keys')
      writeFileSync(file, `k1:${secret()}\n`)
      expect(keyRingOf({ ECOMIND_SECRET_KEYS_FILE: file }).ring?.activeId).toBe('k1')
      const missing = keyRingOf({ ECOMIND_SECRET_KEYS_FILE: join(folder, 'absent') })
      expect(missing).toEqual({ ring: null, faults: ['ECOMIND_SECRET_KEYS_FILE: read file: ENOENT'] })
      expect(keyRingOf({ ECOMIND_SECRET_KEYS: 'x', ECOMIND_SECRET_KEYS_FILE: file }).faults).toHaveLength(1)
      expect(keyRingOf({})).toEqual({ ring: null, faults: [] })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('seal', () => {
  const first = `a:${secret()}`
  const ring = readKeyRing(first)

  test('what was sealed opens again, for its purpose only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (plain) => {
        const sealed = seal(ring, 'totp', plain)
        expect(open(ring, 'totp', sealed)).toBe(plain)
        expect(() => open(ring, 'oidc', sealed)).toThrow(SealError)
      }),
    )
  })

  test('the same text is sealed differently each time', () => {
    expect(seal(ring, 'totp', 'x')).not.toBe(seal(ring, 'totp', 'x'))
  })

  test('an old key still opens after a rotation, and not once it is gone', () => {
    const sealed = seal(ring, 'totp', 'kept')
    const rotated = readKeyRing(`b:${secret()},${first}`)
    expect(open(rotated, 'totp', sealed)).toBe('kept')
    expect(seal(rotated, 'totp', 'x')).toMatch(/^s1\.b\./)
    expect(() => open(readKeyRing(`b:${secret()}`), 'totp', sealed)).toThrow(/"a" is not in the key ring/)
  })

  test('any changed byte is refused', () => {
    const sealed = seal(ring, 'totp', 'a secret')
    const [version, id, encoded = ''] = sealed.split('.')
    const bytes = Buffer.from(encoded, 'base64url')
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes)
      changed[i] = (changed[i] ?? 0) ^ 1
      expect(() => open(ring, 'totp', `${version}.${id}.${changed.toString('base64url')}`)).toThrow(SealError)
    }
    for (const text of ['', 'x', 's1.a', 's1.a.', `${sealed}.x`, sealed.replace('s1', 's2')])
      expect(() => open(ring, 'totp', text)).toThrow(SealError)
  })
})
