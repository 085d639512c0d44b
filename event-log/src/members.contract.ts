import { describe, expect, test } from 'vitest'
import {
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
      const start = await log.append(0, [record('a')])
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
        let oldCommit: Promise<void> = Promise.resolve()
        const listener = (who: string): MembershipListener => ({
          onAssigned: ({ partitions }) => events.push(`${who} has ${partitions.join()}`),
          onRevoked: async (partitions) => {
            events.push(`${who} loses ${partitions.join()}`)
            oldCommit = first.commit(partitions[0] ?? 0, 0, 'last words')
            await oldCommit
            events.push(`${who} gave up ${partitions.join()}`)
          },
        })
        const first = await log.join('g', listener('first'))
        const second = await log.join('g', listener('second'))
        await oldCommit
        expect(events.slice(0, 3)).toEqual(['first has 0,1', 'first loses 1', 'first gave up 1'])
        expect(events.slice(3).sort()).toEqual(['first has 0', 'second has 1'])
        await expect(first.commit(1, 1, '')).rejects.toThrow(FencedError)
        await expect(second.commit(0, 1, '')).rejects.toThrow(FencedError)
        expect(await second.committed(1)).toEqual({ offset: 0, note: 'last words' })
        await second.leave()
        await first.commit(1, 1, 'mine again')
        expect(await first.committed(1)).toEqual({ offset: 1, note: 'mine again' })
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
        expect(shares.flat().sort()).toEqual([0, 1])
        await members[0]?.leave()
        expect([shares[1], shares[2]].flat().sort()).toEqual([0, 1])
        expect(shares[2]).toHaveLength(1)
      })
    }
  })
}
