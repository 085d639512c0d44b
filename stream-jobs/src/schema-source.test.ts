/** Records of schemas that come from a registry: known, unknown, known later, forgotten; killed at every step between. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeBatch } from '@ecomind/schemas/avro'
import { openSchemaIds, type SchemaIds } from '@ecomind/schemas/registry'
import { type SmallRegistry, startSmallRegistry } from '@ecomind/schemas/testing/small-registry'
import { encodeNextBatch, NEXT_SCHEMA_TEXT } from '@ecomind/schemas/testing/versions'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FaultPointName } from './fault-points.ts'
import { createWorld, live, type World } from './testing/loader-world.ts'
import { usageEvent } from './testing/traffic.ts'

const NEXT = 2
/** From the moment on at which the batch is written down to the one at which it is done. */
const POINTS: readonly FaultPointName[] = [
  'after-intent',
  'before-insert-usage',
  'after-insert-usage',
  'after-insert-minutes',
  'before-insert-quarantine',
  'after-insert-quarantine',
  'before-insert-ledger',
  'after-insert-ledger',
  'before-index',
  'after-index',
  'before-commit',
]

let registry: SmallRegistry
let dir: string
let ids: SchemaIds
let world: World

beforeEach(async () => {
  registry = await startSmallRegistry()
  dir = mkdtempSync(join(tmpdir(), 'schema-source-'))
  world = await createWorld(1)
  await restart()
})
afterEach(async () => {
  await ids.stop()
  await registry.stop()
  rmSync(dir, { recursive: true })
})

/** Another process on the same folder. */
async function restart(): Promise<void> {
  await ids?.stop()
  ids = await openSchemaIds({
    target: { url: registry.url, auth: null, subject: 'usage-value', waitMs: 0 },
    dir: join(dir, 'schemas'),
    onReport: () => undefined,
    answerMs: 2_000,
    askTwiceAfterMs: 1,
  })
  world.schemas = ids
}
async function append(value: Buffer): Promise<void> {
  await world.log.append(0, [{ value, arrivedAtMs: world.nowMs }])
}
async function sendBoth(round = 1): Promise<void> {
  const head = { arrivedAtMs: world.nowMs, edgeId: 'edge', replayOf: null }
  await append(encodeBatch(head, [usageEvent({ event_id: `own-event-${round}` })]))
  await append(encodeNextBatch(NEXT, world.nowMs, [usageEvent({ event_id: `next-event-${round}` })]))
}
const stored = () => world.clickhouse.tables.usage.rows.map((row) => row.event_id).sort()
const setAside = () => world.clickhouse.tables.quarantine.rows.map((row) => `${row.reason} ${row.schema_id}`)
const accepted = () => world.clickhouse.tables.ledger.rows.reduce((sum, row) => sum + row.accepted, 0)

describe('a batch with schemas of a registry', () => {
  it('stores what a newer version wrote beside what this one wrote', async () => {
    registry.schemas.set(NEXT, NEXT_SCHEMA_TEXT)
    await sendBoth()
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect([stored(), setAside()]).toEqual([['next-event-1', 'own-event-1'], []])
  })

  it('takes an event that old and new edges sent for one', async () => {
    registry.schemas.set(NEXT, NEXT_SCHEMA_TEXT)
    const event = usageEvent({ event_id: 'same-event', tags: { b: '2', a: '1' } })
    const ordered = { ...event, tags: { a: '1', b: '2' } }
    await append(encodeBatch({ arrivedAtMs: world.nowMs, edgeId: 'edge', replayOf: null }, [ordered]))
    await append(encodeNextBatch(NEXT, world.nowMs, [ordered]))
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect([stored(), setAside(), accepted()]).toEqual([['same-event'], [], 2])
  })

  it('while the registry is down stores what is known, sets aside what is not, and keeps its bytes', async () => {
    await registry.stop()
    await sendBoth()
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect([stored(), setAside(), accepted()]).toEqual([['own-event-1'], [`unknown_schema ${NEXT}`], 2])
    const [row] = world.clickhouse.tables.quarantine.rows
    expect(Buffer.from(row?.raw ?? '', 'base64').readInt32BE(1)).toBe(NEXT)
    await registry.start()
  })

  it.each(POINTS)('killed at %s sets aside the same, though the registry knows the id by then', async (point) => {
    await sendBoth()
    expect(await live(world, { death: { point, passage: 1 } })).toEqual({ kind: 'died' })
    registry.schemas.set(NEXT, NEXT_SCHEMA_TEXT)
    await restart()
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect([stored(), setAside(), accepted()]).toEqual([['own-event-1'], [`unknown_schema ${NEXT}`], 2])
    await sendBoth(2)
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect(stored()).toEqual(['next-event-2', 'own-event-1', 'own-event-2'])
    expect(setAside()).toHaveLength(1)
  })

  it.each(POINTS)('killed at %s stores the same, though the registry has lost the id by then', async (point) => {
    registry.schemas.set(NEXT, NEXT_SCHEMA_TEXT)
    await sendBoth()
    await append(Buffer.from([0, 0, 0, 0, 9, 1]))
    expect(await live(world, { death: { point, passage: 1 } })).toEqual({ kind: 'died' })
    registry.schemas.delete(NEXT)
    await restart()
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect([stored(), setAside(), accepted()]).toEqual([['next-event-1', 'own-event-1'], ['unknown_schema 9'], 3])
  })

  it('waits for the registry when an open batch was read with a schema that is not on disk any more', async () => {
    registry.schemas.set(NEXT, NEXT_SCHEMA_TEXT)
    await sendBoth()
    expect(await live(world, { death: { point: 'after-insert-usage', passage: 1 } })).toEqual({ kind: 'died' })
    await ids.stop()
    rmSync(join(dir, 'schemas'), { recursive: true })
    registry.mood = 'silent'
    await restart()
    const living = live(world)
    setTimeout(() => {
      registry.mood = 'well'
    }, 500)
    expect(await living).toEqual({ kind: 'loaded' })
    expect([stored(), setAside()]).toEqual([['next-event-1', 'own-event-1'], []])
  })

  it('is redone without a registry when all of it is of our own schema, else the partition stops and says why', async () => {
    const head = { arrivedAtMs: world.nowMs, edgeId: 'edge', replayOf: null }
    await append(encodeBatch(head, [usageEvent({ event_id: 'own-event-0' })]))
    expect(await live(world, { death: { point: 'after-intent', passage: 1 } })).toEqual({ kind: 'died' })
    world.schemas = null
    expect(await live(world)).toEqual({ kind: 'loaded' })
    world.schemas = ids
    registry.schemas.set(NEXT, NEXT_SCHEMA_TEXT)
    await sendBoth()
    expect(await live(world, { death: { point: 'after-intent', passage: 1 } })).toEqual({ kind: 'died' })
    world.schemas = null
    expect(await live(world)).toMatchObject({ kind: 'faulty', detail: expect.stringContaining('SCHEMA_REGISTRY_URL') })
    world.schemas = ids
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect(stored()).toEqual(['next-event-1', 'own-event-0', 'own-event-1'])
  })
})
