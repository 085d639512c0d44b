import { describe, expect, it } from 'vitest'
import { uuidV7 } from './uuid-v7.ts'

describe('uuidV7', () => {
  it('has version, variant and the time in its first 48 bits', () => {
    for (const ms of [0, 1, 1_795_419_642_030, 2 ** 48 - 1]) {
      const id = uuidV7(ms)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(ms)
    }
  })

  it('gives no id twice', () => {
    const ids = new Set(Array.from({ length: 50_000 }, () => uuidV7(1_795_419_642_030)))
    expect(ids.size).toBe(50_000)
  })
})
