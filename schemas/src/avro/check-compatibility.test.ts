import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import avsc from 'avsc'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkCompatibility } from './check-compatibility.ts'
import { decodeBatch, encodeBatch } from './usage-batch.ts'

const AVRO = fileURLToPath(new URL('../../avro', import.meta.url))
const GOLDEN = fileURLToPath(new URL('../../golden', import.meta.url))

describe('released schemas', () => {
  it('read the golden bytes of every older version and were not changed', () => {
    const report = checkCompatibility(AVRO, GOLDEN)
    expect(report.faults).toEqual([])
    expect(report.pairs).toBeGreaterThan(0)
  })

  it('usage-batch v1 decodes to what was written when it was released', () => {
    const expected = JSON.parse(readFileSync(join(GOLDEN, 'usage-batch.v1.json'), 'utf8')) as unknown
    const { events, ...head } = decodeBatch(readFileSync(join(GOLDEN, 'usage-batch.v1.bin')))
    expect({ ...head, events: events.map(({ event }) => ({ ...event, tags: { ...event.tags } })) }).toEqual(expected)
  })

  it('usage-batch v1 is still written with the same bytes', () => {
    const bytes = readFileSync(join(GOLDEN, 'usage-batch.v1.bin'))
    const { events, ...head } = decodeBatch(bytes)
    expect(
      encodeBatch(
        head,
        events.map(({ event }) => event),
      ).equals(bytes),
    ).toBe(true)
  })
})

describe('checkCompatibility', () => {
  let dir = ''
  const avro = () => join(dir, 'avro')
  const golden = () => join(dir, 'golden')
  const check = () => checkCompatibility(avro(), golden()).faults

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'schemas-'))
    cpSync(AVRO, avro(), { recursive: true })
    cpSync(GOLDEN, golden(), { recursive: true })
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  /** Adds version 2 made from version 1 by a change of its event fields. */
  function release(change: (fields: Record<string, unknown>[]) => Record<string, unknown>[]): void {
    const schema = JSON.parse(readFileSync(join(avro(), 'usage-batch.v1.avsc'), 'utf8')) as {
      fields: { name: string; type: { items: { fields: Record<string, unknown>[] } } }[]
    }
    const items = schema.fields.find((field) => field.name === 'events')?.type.items
    if (items === undefined) throw new Error('the schema has no events')
    items.fields = change(items.fields)
    const text = JSON.stringify(schema)
    const record = avsc.Type.forSchema(JSON.parse(text) as avsc.Schema).toBuffer({
      arrived_at: 1,
      edge_id: 'e',
      events: [],
    })
    const bytes = Buffer.concat([Buffer.from([0, 0, 0, 0, 2]), record])
    writeFileSync(join(avro(), 'usage-batch.v2.avsc'), text)
    writeFileSync(join(golden(), 'usage-batch.v2.bin'), bytes)
    const sums = JSON.parse(readFileSync(join(golden(), 'checksums.json'), 'utf8')) as Record<string, string>
    const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
    const all = { ...sums, 'usage-batch.v2.avsc': sha256(text), 'usage-batch.v2.bin': sha256(bytes) }
    writeFileSync(join(golden(), 'checksums.json'), JSON.stringify(all))
  }

  it('is content with a new field that has a default', () => {
    release((fields) => [...fields, { name: 'colour', type: ['null', 'string'], default: null }])
    expect(checkCompatibility(avro(), golden())).toEqual({ pairs: 3, faults: [] })
  })

  it('finds a new field without a default and a changed type', () => {
    release((fields) => [...fields, { name: 'colour', type: 'string' }])
    expect(check()).toEqual([
      expect.stringContaining("read usage-batch.v1.avsc's golden bytes with usage-batch.v2.avsc"),
    ])
    release((fields) => fields.map((field) => (field['name'] === 'model' ? { name: 'model', type: 'int' } : field)))
    expect(check()).toHaveLength(1)
  })

  it('finds a released schema that was changed, even by white space', () => {
    const file = join(avro(), 'usage-batch.v1.avsc')
    writeFileSync(file, `${readFileSync(file, 'utf8')} `)
    expect(check()).toEqual([expect.stringContaining('changed after its release')])
  })

  it('finds a version that is gone, and one without golden bytes', () => {
    writeFileSync(join(avro(), 'usage-batch.v2.avsc'), readFileSync(join(avro(), 'usage-batch.v1.avsc')))
    expect(check()).toHaveLength(2)
    rmSync(join(avro(), 'usage-batch.v2.avsc'))
    rmSync(join(avro(), 'usage-batch.v1.avsc'))
    expect(check()).toEqual(
      expect.arrayContaining([expect.stringContaining('is gone'), expect.stringContaining('nothing was found')]),
    )
  })
})
