import type { Statement } from '@ecomind/clickhouse'
import { expect, test } from 'vitest'
import { publishWatermarks } from './publish-watermark.ts'

test('a server that is gone holds up a watermark, and the inserts behind it, for as long as an insert at most', async () => {
  const sent: Statement[] = []
  const clickhouse = { command: async (statement: Statement) => void sent.push(statement) }
  const marks = [
    { partition: 0, watermarkMs: 1_760_000_000_000, nextOffset: 7 },
    { partition: 1, watermarkMs: 1_760_000_000_000, nextOffset: 0 },
  ]
  await publishWatermarks(clickhouse, 'loader', marks, 1_760_000_001_000)
  expect(sent).toMatchObject([{ isShort: true, params: { group: 'loader', partitions: [0, 1], offsets: [7, 0] } }])
})
