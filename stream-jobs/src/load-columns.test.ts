/** From the bytes of log records to the Native block: columns give, byte for byte, what the plain way gives. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { encodeMinuteRows, encodeUsageRows, usageRowAt } from '@ecomind/clickhouse'
import { encodeBatch } from '@ecomind/schemas/avro'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BatchColumns } from './batch-columns.ts'
import { anyEvent } from './testing/any-event.ts'
import { blockOf } from './testing/block-of.ts'
import { overriddenModel as overridden, plainModel as plain } from './testing/overridden-model.ts'
import { plainRows } from './testing/plain-rows.ts'

const context = { generation: 3, partition: 1, from: 5, watermarkMs: 1_760_000_000_123 }

const record = fc.record({
  arrivedAtMs: fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
  events: fc.array(anyEvent, { minLength: 1, maxLength: 30 }),
})
const batch = fc.array(record, { minLength: 1, maxLength: 5 }).map((records) =>
  records.map(({ arrivedAtMs, events }, i) => {
    const value = encodeBatch({ arrivedAtMs, edgeId: 'edge-1', replayOf: null }, events)
    return { kind: 'ok', offset: 5 + 2 * i, arrivedAtMs, value } as const
  }),
)
const isKept = (seed: number, row: number): boolean => seed === 0 || Math.imul(seed + row, 2_654_435_761) >>> 31 === 0

describe('columns', () => {
  it('make the block and the rows that objects make, in memory that is used again', async () => {
    const reused = new BatchColumns()
    await fc.assert(
      fc.asyncProperty(batch, fc.constantFrom(plain, overridden), fc.nat(3), async (records, model, seed) => {
        const rows = plainRows(records, model, context)
        const kept = rows.map((_, row) => row).filter((row) => isKept(seed, row))
        const { block, minuteBlock, columns } = await blockOf(reused, records, model, context, (row) =>
          isKept(seed, row),
        )
        expect(kept.map((row) => usageRowAt(columns, row))).toEqual(kept.map((row) => rows[row]))
        const keptRows = kept.flatMap((row) => rows[row] ?? [])
        expect(Buffer.from(block).equals(encodeUsageRows(keptRows))).toBe(true)
        expect(Buffer.from(minuteBlock).equals(encodeMinuteRows(keptRows))).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('say nothing of what was loaded before, nor of the process: a redo makes the same bytes', async () => {
    const script = new URL('./testing/print-block-hash.ts', import.meta.url).pathname
    const [first, second] = fc.sample(batch, { numRuns: 2, seed: 20_261_125 })
    if (first === undefined || second === undefined) throw new Error('sample: two batches are wanted')
    const hashOf = async (columns: BatchColumns, records: typeof first) =>
      createHash('sha256')
        .update((await blockOf(columns, records, plain, context)).block)
        .digest('hex')
    const reused = new BatchColumns()
    const hashes = [await hashOf(reused, first), await hashOf(reused, second)]
    expect(await hashOf(reused, first)).toBe(hashes[0])
    expect(await hashOf(new BatchColumns(), second)).toBe(hashes[1])
    const elsewhere = execFileSync(process.execPath, ['--import', 'tsx', script], {
      input: JSON.stringify({ context, values: [second, first].map((records) => records.map(asText)) }),
      encoding: 'utf8',
    })
    expect(elsewhere.trim().split('\n')).toEqual([hashes[1], hashes[0]])
  })
})

const asText = ({ offset, value }: { readonly offset: number; readonly value: Uint8Array }) => ({
  offset,
  value: Buffer.from(value).toString('base64'),
})
