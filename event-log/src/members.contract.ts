import { describe, expect, test, vi } from 'vitest'
import {
  appendAt,
  atOnce,
  type ContractTools,
  firstOffset,
  ignore,
  type LogAbilities,
  patient,
  record,
} from './contract-tools.ts'
import { type Assignment, FencedError, GroupTakenError, type MembershipListener } from './event-log.ts'

export function describeMembers(name: string, abilities: LogAbilities, { place, open }: ContractTools): void {
  describe(`${name}: members`, () => {
    test('onAssigned is called before join resolves; the only member has every partition', async () => {
      const log = await open()
      const assignments: Assignment[] = []
      await log.join('g', { ...ignore, onAssigned: (assignment) => assignments.push(assignment) })
      expect(assignments.map(({ partitions }) => [...partitions])).toEqual([[0, 1]])
    })

    test('a member that left is fenced and leaves its commits to the next', async () => {
      const log = await open()
      const start = await appendAt(log, 0, [record('a')])
      const member = await log.join('g', ignore)
      await member.commit(0, start + 1, 'x')
      await member.leave()
      await member.leave()
      await expect(member.commit(0, start, 'y')).rejects.toThrow(FencedError)
      await expect(member.read(0, start, atOnce)).rejects.toThrow(FencedError)
      const next = await log.join('g', ignore)
      expect(await next.committed(0)).toEqual({ offset: start + 1, note: 'x' })
    })

    test('a waiting read ends when its member leaves', async () => {
      const log = await open()
      const member = await log.join('g', ignore)
      const waiting = member.read(0, await firstOffset(log, 0), { ...patient, waitMs: 3_600_000 })
      await member.leave()
      expect(await waiting).toEqual([])
    })

    if (abilities.membersPerGroup === 'one') {
      test('a second member of a group is refused while the first is there, also through another opening', async () => {
        const home = await place()
        const log = await open(home)
        const member = await log.join('g', ignore)
        await expect(log.join('g', ignore)).rejects.toThrow(GroupTakenError)
        await expect(log.join('g', ignore)).rejects.toThrow(String(process.pid))
        await member.leave()
        await (await log.join('g', ignore)).leave()
      })
    }

    if (abilities.membersPerGroup === 'many') {
      test('a second member gets its share only after the first has given it up, and the first is fenced', async () => {
        const log = await open()
        const events: string[] = []
        const shares: Record<string, readonly number[]> = {}
        const listener = (who: string): MembershipListener => ({
          onAssigned: ({ partitions }) => {
            shares[who] = partitions
            if (partitions.length > 0) events.push(`${who} has ${partitions.join()}`)
          },
          onRevoked: async (partitions) => {
            events.push(`${who} loses ${partitions.join()}`)
            await first.commit(partitions[0] ?? 0, 0, 'last words')
            events.push(`${who} gave up ${partitions.join()}`)
          },
        })
        const first = await log.join('g', listener('first'))
        const second = await log.join('g', listener('second'))
        await until(() => expect([shares['first'], shares['second']].map((share) => share?.length)).toEqual([1, 1]))
        const [moved = 0] = shares['second'] ?? []
        expect(events.filter((event) => event !== `first has ${1 - moved}`)).toEqual([
          'first has 0,1',
          `first loses ${moved}`,
          `first gave up ${moved}`,
          `second has ${moved}`,
        ])
        await expect(first.commit(moved, 1, '')).rejects.toThrow(FencedError)
        await expect(second.commit(1 - moved, 1, '')).rejects.toThrow(FencedError)
        expect(await second.committed(moved)).toEqual({ offset: 0, note: 'last words' })
        await second.leave()
        await until(() => expect(shares['first']).toEqual([0, 1]))
        await first.commit(moved, 1, 'mine again')
        expect(await first.committed(moved)).toEqual({ offset: 1, note: 'mine again' })
      })

      test('a third member of two partitions waits without a partition and takes over when one leaves', async () => {
        const log = await open()
        const shares: (readonly number[])[] = [[], [], []]
        const joinAs = (index: number) =>
          log.join('g', {
            ...ignore,
            onAssigned: ({ partitions }) => {
              shares[index] = partitions
            },
          })
        const members = [await joinAs(0), await joinAs(1), await joinAs(2)]
        await until(() => expect(shares.flat().sort()).toEqual([0, 1]))
        expect(shares[0]).toHaveLength(1)
        await members[0]?.leave()
        await until(() => expect([shares[1], shares[2]].flat().sort()).toEqual([0, 1]))
        expect(shares[2]).toHaveLength(1)
      })
    }
  })
}

/** Groups that live elsewhere settle a moment after `join` has resolved. */
const until = (check: () => void) => vi.waitFor(check, { timeout: 60_000, interval: 10 })
