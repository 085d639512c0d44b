import { describe, expect, test } from 'vitest'
import {
  appendAt,
  atOnce,
  type ContractTools,
  firstOffset,
  ignore,
  type PlaceOptions,
  readCount,
  record,
  textOf,
} from './contract-tools.ts'
import { LogFullError, OffsetOutOfRangeError } from './event-log.ts'

export function describeTrimming(name: string, { place, open }: ContractTools): void {
  const dayMs = 86_400_000
  const kilobyte = 'x'.repeat(1_000)

  async function filled(options: Partial<PlaceOptions>) {
    const home = await place({ partitions: 1, ...options })
    const log = await open(home)
    const start = await appendAt(log, 0, [record('a', 0), record('b', dayMs), record('c', 2 * dayMs)])
    const member = await log.join('g', ignore)
    const offsets = (await readCount(member, 0, start, 3)).map(({ offset }) => offset)
    return { home, log, member, offsets, afterAll: (offsets[2] ?? 0) + 1 }
  }

  describe(`${name}: trimming and bound`, () => {
    test('what all groups have passed goes when its time is over; reading below is refused', async () => {
      let now = dayMs
      const { home, log, member, offsets, afterAll } = await filled({ retentionMs: dayMs, clock: () => now })
      await member.commit(0, afterAll, '')
      await home.trim(log)
      const [stats] = await log.stats()
      expect(stats).toMatchObject({ firstOffset: offsets[1], oldestArrivedAtMs: dayMs })
      await expect(member.read(0, offsets[0] ?? 0, atOnce)).rejects.toThrow(OffsetOutOfRangeError)
      expect((await readCount(member, 0, offsets[1] ?? 0, 2)).map(textOf)).toEqual(['b', 'c'])
      now = 3 * dayMs
      await home.trim(log)
      const [empty] = await log.stats()
      expect(empty).toMatchObject({ firstOffset: afterAll, nextOffset: afterAll, bytes: 0, oldestArrivedAtMs: null })
      expect(await log.append(0, [record('d')])).toBeGreaterThanOrEqual(afterAll)
    })

    test('what a group has still to read stays, however old; what no group ever passed too', async () => {
      const { home, log, member, offsets } = await filled({ retentionMs: 0, clock: () => 1_000 * dayMs })
      await home.trim(log)
      expect(await firstOffset(log, 0)).toBe(offsets[0])
      const slow = await log.join('slow', ignore)
      await member.commit(0, offsets[2] ?? 0, '')
      await slow.commit(0, offsets[1] ?? 0, '')
      await home.trim(log)
      expect(await firstOffset(log, 0)).toBe(offsets[1])
    })

    test('a full log refuses an append whole and takes it once a group has passed the older records', async () => {
      const home = await place({ partitions: 2, maxBytes: 20_000 })
      const log = await open(home)
      const member = await log.join('g', ignore)
      const appended: { partition: number; offset: number }[] = []
      let refusal: unknown = null
      for (let index = 0; refusal === null && index < 100; index++) {
        const partition = index % 2
        try {
          appended.push({ partition, offset: await appendAt(log, partition, [record(kilobyte), record('second')]) })
        } catch (error) {
          refusal = error
        }
      }
      expect(refusal).toBeInstanceOf(LogFullError)
      expect(refusal instanceof LogFullError && refusal.retryAfterSeconds).toBeGreaterThan(0)
      expect(appended.length).toBeGreaterThan(15)
      const before = await log.stats()
      await expect(log.append(0, [record(kilobyte)])).rejects.toThrow(LogFullError)
      expect(await log.stats()).toEqual(before)
      expect(before.reduce((sum, one) => sum + one.bytes, 0)).toBeLessThanOrEqual(20_000)
      for (const { partition, nextOffset } of before) await member.commit(partition, nextOffset, '')
      const again = await appendAt(log, 0, [record(kilobyte)])
      expect(again).toBeGreaterThanOrEqual(before[0]?.nextOffset ?? 0)
      expect((await readCount(member, 0, again, 1)).map(textOf)).toEqual([kilobyte])
    })

    test('the bound still counts what was there before a reopening', async () => {
      const home = await place({ partitions: 1, maxBytes: 5_000 })
      const first = await open(home)
      for (let index = 0; index < 4; index++) await first.append(0, [record(kilobyte)])
      await first.close()
      const second = await open(home)
      await expect(second.append(0, [record(kilobyte), record(kilobyte)])).rejects.toThrow(LogFullError)
    })

    test('an append larger than the whole bound is refused', async () => {
      const log = await open(await place({ partitions: 1, maxBytes: 500 }))
      await expect(log.append(0, [record(kilobyte)])).rejects.toThrow(LogFullError)
    })
  })
}
