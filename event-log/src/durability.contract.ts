import { describe, expect, test } from 'vitest'
import {
  appendAt,
  atOnce,
  type ContractTools,
  firstOffset,
  ignore,
  patient,
  readCount,
  record,
  textOf,
} from './contract-tools.ts'
import { FencedError, LogUnavailableError } from './event-log.ts'

export function describeDurability(name: string, { place, open }: ContractTools): void {
  describe(`${name}: reopening`, () => {
    test('records, commits with their notes and the generation are kept; offsets go on', async () => {
      const home = await place()
      const first = await open(home)
      const start = await appendAt(first, 0, [record('a')])
      const note = 'ü'.repeat(2_048)
      await (await first.join('g', ignore)).commit(0, start + 1, note)
      await first.close()
      const second = await open(home)
      expect(second.generation).toBe(first.generation)
      expect(second.partitions).toBe(2)
      const offset = await appendAt(second, 0, [record('b')])
      expect(offset).toBeGreaterThan(start)
      const member = await second.join('g', ignore)
      expect(await member.committed(0)).toEqual({ offset: start + 1, note })
      expect((await readCount(member, 0, start, 2)).map(textOf)).toEqual(['a', 'b'])
    })

    test('a log that is created anew has another generation, from 1 to 2^32-1', async () => {
      const [one, other] = [await open(), await open()]
      expect(one.generation).not.toBe(other.generation)
      for (const { generation } of [one, other]) {
        expect(Number.isInteger(generation) && generation >= 1 && generation < 2 ** 32).toBe(true)
      }
    })
  })

  describe(`${name}: commits`, () => {
    test('a group that never committed has null; groups and partitions have commits of their own', async () => {
      const log = await open()
      const start = await appendAt(log, 0, [record('a'), record('b')])
      const one = await log.join('one', ignore)
      const other = await log.join('other', ignore)
      expect(await one.committed(0)).toBeNull()
      await one.commit(0, start + 1, 'x')
      expect(await one.committed(0)).toEqual({ offset: start + 1, note: 'x' })
      expect(await one.committed(1)).toBeNull()
      expect(await other.committed(0)).toBeNull()
    })

    test('the same offset may be committed again with another note; the last one counts', async () => {
      const log = await open()
      const start = await appendAt(log, 0, [record('a')])
      const member = await log.join('g', ignore)
      await member.commit(0, start, '{"state":"intent"}')
      await member.commit(0, start, '')
      expect(await member.committed(0)).toEqual({ offset: start, note: '' })
    })

    test('a note of more than 4 KiB and an impossible offset are refused', async () => {
      const log = await open()
      const member = await log.join('g', ignore)
      await expect(member.commit(0, 0, 'ü'.repeat(2_049))).rejects.toThrow(RangeError)
      await expect(member.commit(0, -1, '')).rejects.toThrow(RangeError)
      expect(await member.committed(0)).toBeNull()
    })
  })

  describe(`${name}: close`, () => {
    test('close waits for appends under way, refuses new ones and can be called twice', async () => {
      const home = await place()
      const log = await open(home)
      const underWay = [log.append(0, [record('a')]), log.append(1, [record('b')])]
      const closing = log.close()
      await expect(log.append(0, [record('too late')])).rejects.toThrow(LogUnavailableError)
      await closing
      await log.close()
      await Promise.all(underWay)
      const again = await open(home)
      const start = await firstOffset(again, 0)
      const member = await again.join('g', ignore)
      expect((await readCount(member, 0, start, 1)).map(textOf)).toEqual(['a'])
      expect(await member.read(0, start + 1, atOnce)).toEqual([])
    })

    test('after close nothing can be joined, and members are fenced', async () => {
      const log = await open()
      const member = await log.join('g', ignore)
      const waiting = member.read(0, await firstOffset(log, 0), { ...patient, waitMs: 3_600_000 })
      await log.close()
      expect(await waiting).toEqual([])
      await expect(log.join('g', ignore)).rejects.toThrow(LogUnavailableError)
      await expect(log.stats()).rejects.toThrow(LogUnavailableError)
      await expect(member.commit(0, 0, '')).rejects.toThrow(FencedError)
    })
  })
}
