/** A process of its own that makes blocks of the batches on its input, under the set that ships, and prints their hashes. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { BatchColumns } from '../batch-columns.ts'
import type { EnrichContext } from '../enrich.ts'
import { blockOf } from './block-of.ts'
import { processModels } from './process-models.ts'

interface Input {
  readonly context: EnrichContext
  readonly values: readonly (readonly { readonly offset: number; readonly value: string }[])[]
}

const { context, values } = JSON.parse(readFileSync(0, 'utf8')) as Input
const columns = new BatchColumns()
for (const batch of values) {
  const records = batch.map(({ offset, value }) => {
    return { kind: 'ok', offset, arrivedAtMs: 0, value: Buffer.from(value, 'base64') } as const
  })
  const { block } = await blockOf(columns, records, processModels().running, context)
  process.stdout.write(`${createHash('sha256').update(block).digest('hex')}\n`)
}
