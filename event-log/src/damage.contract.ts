import { describe, expect, test } from 'vitest'
import { appendAt, type ContractTools, ignore, readCount, record } from './contract-tools.ts'

export function describeDamage(name: string, { place, open }: ContractTools): void {
  describe(`${name}: damage`, () => {
    test('a record that fails its checksum is given as corrupt, in its place, and the others stay whole', async () => {
      const home = await place()
      const log = await open(home)
      const start = await appendAt(
        log,
        0,
        ['good one', 'damaged value', 'good two'].map((text) => record(text)),
      )
      const offsets = (await readCount(await log.join('g', ignore), 0, start, 3)).map(({ offset }) => offset)
      await log.close()
      await home.damage(0, offsets[1] ?? start)
      const read = await readCount(await (await open(home)).join('g', ignore), 0, start, 3)
      expect(read.map(({ kind }) => kind)).toEqual(['ok', 'corrupt', 'ok'])
      expect(read.map(({ offset }) => offset)).toEqual(offsets)
      const [, corrupt] = read
      expect(corrupt?.kind === 'corrupt' && corrupt.detail).toMatch(/CRC-32/)
      expect(corrupt?.value.byteLength).toBe('damaged value'.length)
    })
  })
}
