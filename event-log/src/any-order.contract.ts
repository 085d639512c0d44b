import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { atOnce, bytes, type ContractTools, firstOffset, ignore, type LogAbilities, patient } from './contract-tools.ts'
import type { ReadOptions } from './event-log.ts'

export function describeAnyOrder(name: string, abilities: LogAbilities, { place, open }: ContractTools): void {
  describe(`${name}: any order`, () => {
    test('any order of appends, reads, commits and reopenings reads back everything in order', async () => {
      const step = fc.oneof(
        fc.record({
          do: fc.constant('append' as const),
          partition: fc.nat(2),
          sizes: fc.array(fc.nat(3_000), { minLength: 1, maxLength: 6 }),
          wait: fc.boolean(),
        }),
        fc.record({
          do: fc.constant('read' as const),
          partition: fc.nat(2),
          maxRecords: fc.integer({ min: 1, max: 9 }),
          maxBytes: fc.integer({ min: 1, max: 9_000 }),
        }),
        fc.record({ do: fc.constant('commit' as const), partition: fc.nat(2) }),
        fc.record({ do: fc.constant('reopen' as const) }),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const home = await place({ partitions: 3 })
          let log = await open(home)
          let member = await log.join('g', ignore)
          const written: Uint8Array[][] = [[], [], []]
          const seen = [0, 0, 0]
          const next: number[] = await Promise.all([0, 1, 2].map((partition) => firstOffset(log, partition)))
          const committed: (number | null)[] = [null, null, null]
          let pending: Promise<unknown>[] = []
          let counter = 0
          const readSome = async (partition: number, options: ReadOptions) => {
            const some = await member.read(partition, next[partition] ?? 0, options)
            for (const one of some) {
              expect(one.kind).toBe('ok')
              expect(one.offset).toBeGreaterThanOrEqual(next[partition] ?? 0)
              const index = seen[partition] ?? 0
              expect(Buffer.compare(one.value, written[partition]?.[index] ?? bytes('nothing'))).toBe(0)
              seen[partition] = index + 1
              next[partition] = one.offset + 1
            }
            return some.length
          }
          for (const one of steps) {
            if (one.do === 'append') {
              const values = one.sizes.map((size) => Buffer.alloc(size + 4, `${counter++} `))
              written[one.partition]?.push(...values)
              pending.push(
                log.append(
                  one.partition,
                  values.map((value) => ({ value, arrivedAtMs: 1 })),
                ),
              )
            }
            if (one.do === 'append' && !one.wait) continue
            await Promise.all(pending)
            pending = []
            if (one.do === 'read') await readSome(one.partition, { ...one, waitMs: 0 })
            if (one.do === 'commit') {
              committed[one.partition] = next[one.partition] ?? null
              await member.commit(one.partition, next[one.partition] ?? 0, `note ${counter}`)
            }
            if (one.do === 'reopen') {
              await log.close()
              log = await open(home)
              member = await log.join('g', ignore)
            }
          }
          await Promise.all(pending)
          for (const partition of [0, 1, 2]) {
            while ((seen[partition] ?? 0) < (written[partition]?.length ?? 0)) {
              expect(await readSome(partition, patient)).toBeGreaterThan(0)
            }
            expect(await readSome(partition, atOnce)).toBe(0)
            expect((await member.committed(partition))?.offset ?? null).toBe(committed[partition])
          }
          await log.close()
        }),
        { numRuns: abilities.propertyRuns ?? 25 },
      )
    }, 120_000)
  })
}
