import { describe, expect, it } from 'vitest'
import { LogUnavailableError } from './event-log.ts'
import { createMemoryStorage, openMemoryLog } from './memory-log.ts'
import { stampSchemaId } from './stamp-schema-id.ts'

const record = (...bytes: number[]) => ({ value: Uint8Array.from(bytes), arrivedAtMs: 1 })

describe('stampSchemaId', () => {
  it('gives each record the id that is known at that moment', async () => {
    let id = 70_000
    const plain = openMemoryLog({ storage: createMemoryStorage(1) })
    const log = stampSchemaId(plain, { ownId: () => id, health: () => ({}) })
    await log.append(0, [record(0, 0, 0, 0, 1, 42), record(0, 0, 0, 0, 1)])
    id = 5
    await log.append(0, [record(0, 0, 0, 0, 1, 43)])
    const member = await log.join('reader', { onAssigned: () => undefined, onRevoked: async () => undefined })
    const stored = await member.read(0, 0, { maxRecords: 9, maxBytes: 1e6, waitMs: 0 })
    expect(stored.map(({ value }) => [...value])).toEqual([
      [0, 0, 1, 0x11, 0x70, 42],
      [0, 0, 1, 0x11, 0x70],
      [0, 0, 0, 0, 5, 43],
    ])
    await log.close()
  })

  it('surely stores nothing while no id is known, and says why', async () => {
    const plain = openMemoryLog({ storage: createMemoryStorage(1) })
    const log = stampSchemaId(plain, { ownId: () => null, health: () => ({ detail: 'the registry is away' }) })
    const refused = log.append(0, [record(0, 0, 0, 0, 1, 42)])
    await expect(refused).rejects.toThrow(LogUnavailableError)
    await expect(refused).rejects.toMatchObject({ unknown: false, message: 'append: the registry is away' })
    expect((await log.stats())[0]).toMatchObject({ nextOffset: 0 })
    await log.close()
  })
})
