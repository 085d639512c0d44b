import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { decodeBatch } from '../avro/usage-batch.ts'
import { USAGE_SCHEMA_FINGERPRINT, USAGE_SCHEMA_TEXT } from '../avro/usage-schema.ts'
import { openSchemaIds, type SchemaIds } from './open-schema-ids.ts'
import { SchemaNotThereError } from './recall-schemas.ts'
import { SchemaReusedError } from './schema-store.ts'
import { type SmallRegistry, startSmallRegistry } from './testing/small-registry.ts'
import { encodeNextBatch, NEXT_SCHEMA_TEXT, schemaWith } from './testing/versions.ts'

describe('openSchemaIds', () => {
  let registry: SmallRegistry
  let dir: string
  let reports: string[]
  const opened: SchemaIds[] = []
  beforeEach(async () => {
    registry = await startSmallRegistry()
    dir = mkdtempSync(join(tmpdir(), 'schema-ids-'))
    reports = []
  })
  afterEach(async () => {
    for (const ids of opened.splice(0)) await ids.stop()
    await registry.stop()
    rmSync(dir, { recursive: true })
  })
  async function open(change: { waitMs?: number; dir?: string } = {}): Promise<SchemaIds> {
    const ids = await openSchemaIds({
      target: { url: registry.url, auth: null, subject: 'usage-value', waitMs: change.waitMs ?? 0 },
      dir: change.dir ?? dir,
      onReport: (text) => reports.push(text),
      answerMs: 2_000,
      lookEveryMs: 20,
      askTwiceAfterMs: 5,
    })
    opened.push(ids)
    return ids
  }
  const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 5 })

  it('asks once, keeps what it learned on disk, and starts without the registry the next time', async () => {
    const first = await open()
    expect(first.ownId()).toBe(1)
    registry.schemas.set(2, NEXT_SCHEMA_TEXT)
    expect((await first.resolve([1, 2])).named.map(([id]) => id)).toEqual([1, 2])
    await first.stop()
    await registry.stop()
    const before = registry.requests.length
    const second = await open()
    expect(second.ownId()).toBe(1)
    const view = await second.resolve([1, 2])
    expect([view.isOwn(1), view.isOwn(2), view.readerOf(2) !== null]).toEqual([true, false, true])
    expect(registry.requests.length).toBe(before)
    await until(() => expect(second.health()).toMatchObject({ status: 'degraded', own_id: 1 }))
    await registry.start()
    await until(() => expect(second.health()).toEqual({ status: 'ok', own_id: 1 }))
  })

  it('without registry and without anything kept has no id, says why, and gets one later', async () => {
    await registry.stop()
    const ids = await open()
    expect(ids.ownId()).toBeNull()
    expect(ids.health()).toMatchObject({
      status: 'down',
      detail: expect.stringMatching(/nothing can be written.*ECONNREFUSED/),
    })
    expect(reports).toEqual([expect.stringContaining('down: ')])
    await registry.start()
    await until(() => expect(ids.ownId()).toBe(1))
    await until(() => expect(reports.at(-1)).toContain('as it should be'))
  })

  it('reads what a newer version wrote, as if this version had written it', async () => {
    const ids = await open()
    registry.schemas.set(2, NEXT_SCHEMA_TEXT)
    const [event] = decodeBatch(readFileSync(new URL('../../golden/usage-batch.v1.bin', import.meta.url))).events
    if (event === undefined) throw new Error('the golden batch has no event')
    const batch = decodeBatch(encodeNextBatch(2, 17, [event.event]), await ids.resolve([2]))
    expect(batch).toMatchObject({ schemaId: 2, arrivedAtMs: 17, edgeId: 'edge-next' })
    expect(Buffer.from(batch.events[0]?.bytes ?? []).equals(Buffer.from(event.bytes))).toBe(true)
    expect(batch.events[0]?.event).not.toHaveProperty('colour')
  })

  it('does not know ids that the registry lacks, or that are no usage batch, and learns them when they come', async () => {
    const ids = await open()
    registry.schemas.set(3, '{"type":"record","name":"Other","fields":[]}').set(4, '"string"')
    expect((await ids.resolve([2, 3, 4, -7, 0])).named).toEqual([])
    const asked = registry.requests.filter((line) => line.includes('/schemas/ids/')).length
    expect(asked).toBe(6)
    await ids.resolve([2, 3, 4])
    expect(registry.requests.filter((line) => line.includes('/schemas/ids/')).length).toBe(asked)
    registry.schemas.set(2, NEXT_SCHEMA_TEXT)
    expect((await ids.resolveAnew([2])).named.map(([id]) => id)).toEqual([2])
  })

  it('reads records of the schemas folder from before there was a registry, unless the registry says what the id is', async () => {
    registry.schemas.set(4, USAGE_SCHEMA_TEXT)
    const ids = await open()
    expect((await ids.resolve([1])).isOwn(1)).toBe(true)
    registry.schemas.set(1, NEXT_SCHEMA_TEXT)
    const fresh = await open({ dir: join(dir, 'other') })
    const view = await fresh.resolve([1])
    expect([view.isOwn(1), view.readerOf(1) !== null]).toEqual([false, true])
  })

  it('waits in an outage once, then asks without waiting, and known ids never wait', async () => {
    const ids = await open({ waitMs: 400 })
    await registry.stop()
    const started = performance.now()
    expect((await ids.resolve([1])).isOwn(1)).toBe(true)
    expect(performance.now() - started).toBeLessThan(300)
    expect((await ids.resolve([2])).named).toEqual([])
    expect(performance.now() - started).toBeGreaterThan(300)
    const before = registry.requests.length
    const later = performance.now()
    for (const id of [2, 3, 4, 5]) expect((await ids.resolve([1, id])).named).toEqual([[1, USAGE_SCHEMA_FINGERPRINT]])
    expect(performance.now() - later).toBeLessThan(1_000)
    expect(registry.requests.length).toBe(before)
    await registry.start()
    registry.schemas.set(2, NEXT_SCHEMA_TEXT)
    expect((await ids.resolve([2])).named.map(([id]) => id)).toEqual([2])
  })

  it('goes on waiting when the registry comes back in time', async () => {
    const ids = await open({ waitMs: 60_000 })
    registry.schemas.set(2, NEXT_SCHEMA_TEXT)
    registry.mood = 'silent'
    const resolving = ids.resolve([2])
    setTimeout(() => {
      registry.mood = 'well'
    }, 300)
    expect((await resolving).named.map(([id]) => id)).toEqual([2])
  })

  it('stops waiting when it is told to', async () => {
    const ids = await open({ waitMs: 60_000 })
    registry.mood = 'silent'
    const stopping = new AbortController()
    const resolving = ids.resolve([2], stopping.signal)
    setTimeout(() => stopping.abort(), 50)
    await expect(resolving).rejects.toThrow(/abort/i)
  })

  it('gives a registry that was emptied our schema back, and goes on under the new id', async () => {
    registry.schemas.set(8, USAGE_SCHEMA_TEXT)
    const ids = await open()
    expect(ids.ownId()).toBe(8)
    registry.schemas.clear()
    await until(() => expect(ids.ownId()).toBe(1))
    expect((await ids.resolve([1, 8])).isOwn(8)).toBe(true)
  })

  it('does not take an id that means something else in earlier records', async () => {
    registry.schemas.set(1, NEXT_SCHEMA_TEXT).set(2, USAGE_SCHEMA_TEXT)
    const ids = await open()
    expect(ids.ownId()).toBe(2)
    await ids.resolve([1])
    registry.schemas.clear()
    registry.schemas.set(1, USAGE_SCHEMA_TEXT)
    await until(() => expect(ids.health().detail).toMatch(/schema id 1 means another schema/))
    expect(ids.ownId()).toBe(2)
    expect((await ids.resolve([1])).readerOf(1)).not.toBeNull()
  })

  it('says when an id in use was lost or means something else in the registry', async () => {
    const ids = await open()
    registry.schemas.set(2, NEXT_SCHEMA_TEXT)
    await ids.resolve([2])
    registry.schemas.delete(2)
    await until(() => expect(ids.health().detail).toMatch(/schema id 2 .*lost it/))
    registry.schemas.set(2, schemaWith({ name: 'size', type: 'int', default: 0 }))
    await until(() => expect(ids.health().detail).toMatch(/schema id 2 means another/))
    registry.schemas.set(2, NEXT_SCHEMA_TEXT)
    await until(() => expect(ids.health().status).toBe('ok'))
  })

  it('makes the view of an open batch again, or says why it can not', async () => {
    const ids = await open()
    registry.schemas.set(2, NEXT_SCHEMA_TEXT)
    const { named } = await ids.resolve([1, 2, 3])
    registry.schemas.set(3, schemaWith({ name: 'size', type: 'int', default: 0 }))
    const view = await ids.recall(named)
    expect([view.isOwn(1), view.readerOf(2) !== null, view.readerOf(3)]).toEqual([true, true, null])

    const fresh = await open({ dir: join(dir, 'lost') })
    registry.mood = 'silent'
    await expect(fresh.recall(named)).rejects.toThrow(SchemaNotThereError)
    registry.mood = 'well'
    expect((await fresh.recall(named)).readerOf(2)).not.toBeNull()
    await expect(fresh.recall([[2, '0123456789abcdef']])).rejects.toThrow(SchemaReusedError)
  })

  it('is shared by processes on one folder, asks again for what was damaged, and keeps registries apart', async () => {
    const [one, two] = [await open(), await open()]
    registry.schemas.set(2, NEXT_SCHEMA_TEXT)
    await one.resolve([2])
    const [folder = ''] = readdirSync(dir)
    writeFileSync(join(dir, folder, '1.json'), 'torn')
    const third = await open()
    expect(third.known([1, 2]).readerOf(2)).not.toBeNull()
    await until(() => expect(third.known([1]).isOwn(1)).toBe(true))
    await registry.stop()
    expect(two.known([2]).readerOf(2)).not.toBeNull()
    await registry.start()
    const elsewhere = await startSmallRegistry()
    const target = { url: elsewhere.url, auth: null, subject: 'usage-value', waitMs: 0 }
    const other = await openSchemaIds({ target, dir, onReport: () => undefined })
    expect(other.known([2]).named).toEqual([])
    await other.stop()
    await elsewhere.stop()
  })
})
