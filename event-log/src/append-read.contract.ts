import { describe, expect, test } from 'vitest'
import {
  appendAt,
  atOnce,
  bytes,
  type ContractTools,
  firstOffset,
  ignore,
  patient,
  readCount,
  record,
  textOf,
} from './contract-tools.ts'
import { OffsetOutOfRangeError, type ReadOptions } from './event-log.ts'

export function describeAppendAndRead(name: string, { open }: ContractTools): void {
  describe(`${name}: append and read`, () => {
    test('append gives the offset of its first record, and what is read is what was appended', async () => {
      const log = await open()
      const start = await appendAt(log, 1, [record('a', 1_700_000_000_001), record('b', 1_700_000_000_002)])
      const member = await log.join('g', ignore)
      const read = await readCount(member, 1, start, 2)
      expect(read.map(textOf)).toEqual(['a', 'b'])
      expect(read.map(({ kind, arrivedAtMs }) => [kind, arrivedAtMs])).toEqual([
        ['ok', 1_700_000_000_001],
        ['ok', 1_700_000_000_002],
      ])
      expect(read[0]?.offset).toBe(start)
      expect(await firstOffset(log, 1)).toBeLessThanOrEqual(start)
    })

    test('offsets of one partition rise and partitions do not mix', async () => {
      const log = await open()
      const from = await firstOffset(log, 0)
      for (const text of ['a', 'b', 'c']) {
        await log.append(0, [record(text)])
        await log.append(1, [record(`not ${text}`)])
      }
      const member = await log.join('g', ignore)
      const read = await readCount(member, 0, from, 3)
      expect(read.map(textOf)).toEqual(['a', 'b', 'c'])
      const offsets = read.map(({ offset }) => offset)
      expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b))
    })

    test('appends made one after the other without waiting keep their order and get their own offsets', async () => {
      const log = await open()
      const texts = Array.from({ length: 500 }, (_, index) => `record ${index}`)
      const offsets = await Promise.all(texts.map((text) => log.append(0, [record(text), record(`${text} second`)])))
      const member = await log.join('g', ignore)
      const read = await readCount(member, 0, offsets[0] ?? 0, 1_000)
      expect(read.map(textOf)).toEqual(texts.flatMap((text) => [text, `${text} second`]))
      const places = read.filter((_, index) => index % 2 === 0).map(({ offset }) => offset)
      expect(places).toEqual(offsets.map((told, index) => told ?? places[index]))
    })

    test('the buffer of a value may be used again as soon as append was called', async () => {
      const log = await open()
      const buffer = bytes('first')
      const appended = appendAt(log, 0, [{ value: buffer, arrivedAtMs: 1 }])
      buffer.fill(0)
      const member = await log.join('g', ignore)
      const read = await readCount(member, 0, await appended, 1)
      expect(read.map(textOf)).toEqual(['first'])
    })

    test('values of 0 bytes to 700 KB come back whole, and stay what they are while more is read', async () => {
      const log = await open()
      const sizes = [0, 1, 2_000, 2_100, 4_096, 40_000, 70_000, 700_000]
      const values = sizes.map((size, seed) =>
        Uint8Array.from({ length: size }, (_, index) => (index * 31 + seed) & 255),
      )
      const start = await appendAt(
        log,
        0,
        values.map((value) => ({ value, arrivedAtMs: 1 })),
      )
      const member = await log.join('g', ignore)
      const read = await readCount(member, 0, start, values.length)
      await readCount(member, 0, start, values.length)
      read.forEach((one, index) => {
        expect(Buffer.compare(one.value, values[index] ?? bytes('')), `value of ${sizes[index]} bytes`).toBe(0)
      })
    })

    test('read stops at maxRecords, and behind the record that passes maxBytes; one record is always given', async () => {
      const log = await open()
      const start = await appendAt(
        log,
        0,
        ['aaaa', 'bbbb', 'cccc', 'dddd'].map((text) => record(text)),
      )
      const member = await log.join('g', ignore)
      await readCount(member, 0, start, 4)
      const read = async (limits: Partial<ReadOptions>) =>
        (await member.read(0, start, { ...atOnce, ...limits })).map(textOf)
      expect(await read({ maxRecords: 2 })).toEqual(['aaaa', 'bbbb'])
      expect(await read({ maxBytes: 5 })).toEqual(['aaaa', 'bbbb'])
      expect(await read({ maxBytes: 1 })).toEqual(['aaaa'])
    })

    test('reading the same offset again gives the same records', async () => {
      const log = await open()
      const start = await appendAt(log, 0, [record('a'), record('b')])
      const member = await log.join('g', ignore)
      expect(await readCount(member, 0, start, 2)).toEqual(await readCount(member, 0, start, 2))
    })

    test('a waiting read is woken by an append', async () => {
      const log = await open()
      const from = await firstOffset(log, 0)
      const member = await log.join('g', ignore)
      const waiting = member.read(0, from, patient)
      await log.append(0, [record('late')])
      expect((await waiting).map(textOf)).toEqual(['late'])
    })

    test('a read gives nothing when nothing comes within its wait', async () => {
      const log = await open()
      const member = await log.join('g', ignore)
      expect(await member.read(0, await firstOffset(log, 0), { ...patient, waitMs: 5 })).toEqual([])
    })

    test('a waiting read ends empty when its signal aborts, also if it was aborted before', async () => {
      const log = await open()
      const member = await log.join('g', ignore)
      const from = await firstOffset(log, 0)
      const abort = new AbortController()
      const waiting = member.read(0, from, { ...patient, waitMs: 3_600_000, signal: abort.signal })
      abort.abort()
      expect(await waiting).toEqual([])
      expect(await member.read(0, from, { ...patient, waitMs: 3_600_000, signal: abort.signal })).toEqual([])
    })

    test('reading beyond the end is refused', async () => {
      const log = await open()
      const start = await appendAt(log, 0, [record('a')])
      const member = await log.join('g', ignore)
      await expect(member.read(0, start + 1_000, atOnce)).rejects.toThrow(OffsetOutOfRangeError)
    })

    test('append refuses an unknown partition, no records and an impossible arrival', async () => {
      const log = await open()
      await expect(log.append(2, [record('a')])).rejects.toThrow(RangeError)
      await expect(log.append(-1, [record('a')])).rejects.toThrow(RangeError)
      await expect(log.append(0, [])).rejects.toThrow(RangeError)
      await expect(log.append(0, [record('a', Number.NaN)])).rejects.toThrow(RangeError)
      const [stats] = await log.stats()
      expect(stats?.firstOffset).toBe(stats?.nextOffset)
    })
  })
}
