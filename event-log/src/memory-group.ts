import { checkCommit } from './commit-rules.ts'
import {
  FencedError,
  type Membership,
  type MembershipListener,
  OffsetOutOfRangeError,
  type ReadOptions,
  type StoredRecord,
} from './event-log.ts'
import type { MemoryStorage } from './memory-log.ts'
import { decodeRecord } from './record-codec.ts'
import type { WakeUp } from './wake-up.ts'

/**
 * Members of one group share the partitions: in the order of joining, one after the other. A change of members takes
 * partitions away first (the old owner may still commit until its `onRevoked` is settled) and then hands them over.
 */
export interface MemoryGroup {
  join(listener: MembershipListener): Promise<Membership>
  close(): Promise<void>
}

interface Member {
  readonly listener: MembershipListener
  readonly membership: Membership
  owned: ReadonlySet<number>
  present: boolean
}

export function createMemoryGroup(name: string, storage: MemoryStorage, appended: WakeUp): MemoryGroup {
  const members: Member[] = []
  let rebalancing = Promise.resolve()

  /** Changes of members happen one after the other. */
  function rebalance(change: () => void): Promise<void> {
    rebalancing = rebalancing.then(async () => {
      change()
      await revokeLost()
      for (const [index, member] of members.entries()) {
        member.owned = new Set(share(index))
        member.listener.onAssigned({ partitions: [...member.owned] })
      }
    })
    return rebalancing
  }

  function share(index: number): number[] {
    return storage.partitions
      .map((_, partition) => partition)
      .filter((partition) => partition % members.length === index)
  }

  async function revokeLost(): Promise<void> {
    await Promise.all(
      members.map(async (member, index) => {
        const kept = new Set(share(index))
        const lost = [...member.owned].filter((partition) => !kept.has(partition))
        if (lost.length === 0) return
        // A listener that fails has nothing to hand over any more; the partition goes on without it.
        await member.listener.onRevoked(lost).catch(() => undefined)
        member.owned = new Set([...member.owned].filter((partition) => kept.has(partition)))
      }),
    )
    appended.wake()
  }

  function createMember(listener: MembershipListener): Member {
    const checkOwned = (partition: number) => {
      if (!member.present) throw new FencedError(`Use group ${name}: this member has left`)
      if (storage.partitions[partition] === undefined) {
        throw new RangeError(`Use group ${name}: partition ${partition}, wanted 0 to ${storage.partitions.length - 1}`)
      }
      if (!member.owned.has(partition)) {
        throw new FencedError(`Use group ${name}: partition ${partition} belongs to another member`)
      }
    }
    const membership: Membership = {
      read: async (partition, fromOffset, options) => {
        checkOwned(partition)
        const stillOwned = () => member.present && member.owned.has(partition)
        return readWaiting(storage, appended, { partition, fromOffset, options, stillOwned })
      },
      commit: async (partition, offset, note) => {
        checkOwned(partition)
        checkCommit(offset, note)
        storage.commits.set(`${name}/${partition}`, { offset, note })
      },
      committed: async (partition) => {
        checkOwned(partition)
        return storage.commits.get(`${name}/${partition}`) ?? null
      },
      leave: () => leave(member),
    }
    const member: Member = { listener, membership, owned: new Set(), present: true }
    return member
  }

  async function leave(member: Member): Promise<void> {
    if (!member.present) return
    member.present = false
    appended.wake()
    await rebalance(() => members.splice(members.indexOf(member), 1))
  }

  return {
    join: async (listener) => {
      const member = createMember(listener)
      await rebalance(() => members.push(member))
      return member.membership
    },
    close: async () => {
      for (const member of members) member.present = false
      members.splice(0)
      appended.wake()
    },
  }
}

interface Read {
  readonly partition: number
  readonly fromOffset: number
  readonly options: ReadOptions
  readonly stillOwned: () => boolean
}

async function readWaiting(storage: MemoryStorage, appended: WakeUp, read: Read): Promise<StoredRecord[]> {
  const deadline = performance.now() + read.options.waitMs
  for (;;) {
    const records = readNow(storage, read)
    const leftMs = deadline - performance.now()
    if (records.length > 0 || leftMs <= 0 || read.options.signal?.aborted === true) return records
    await appended.sleep(leftMs, read.options.signal)
    if (!read.stillOwned()) return []
  }
}

function readNow(storage: MemoryStorage, { partition, fromOffset, options }: Read): StoredRecord[] {
  const { firstOffset = 0, records: stored = [] } = storage.partitions[partition] ?? {}
  const nextOffset = firstOffset + stored.length
  if (!Number.isInteger(fromOffset) || fromOffset < firstOffset || fromOffset > nextOffset) {
    throw new OffsetOutOfRangeError(
      `Read partition ${partition}: offset ${fromOffset}, wanted ${firstOffset} to ${nextOffset} (what is kept)`,
    )
  }
  const records: StoredRecord[] = []
  let bytes = 0
  for (const [index, one] of stored.slice(fromOffset - firstOffset).entries()) {
    if (records.length >= options.maxRecords || bytes >= options.maxBytes) break
    // Copied, as if it came from a disk: nobody can change the log through what was read.
    const record = decodeRecord(Buffer.from(one), partition, fromOffset + index)
    records.push(record)
    bytes += record.value.byteLength
  }
  return records
}
