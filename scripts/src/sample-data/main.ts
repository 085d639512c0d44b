/** `npm run sample-data`: 30 days of labelled sample events of org_demo through the edge of a running product. */
import type { UsageEventInput } from '@ecomind/schemas'
import { sampleEvents } from './sample-events.ts'
import { sendBatch } from './send.ts'
import { readTrace } from './trace.ts'

const BATCH = 500

async function main(): Promise<void> {
  const edgeUrl = `http://127.0.0.1:${process.env['EDGE_PORT'] ?? 8080}`
  let accepted = 0
  let batch: UsageEventInput[] = []
  const flush = async () => {
    if (batch.length === 0) return
    const result = await sendBatch(edgeUrl, batch)
    const [first] = result.rejected
    if (first !== undefined) {
      throw new Error(
        `send sample data: event ${first.event_id} was refused: ${first.code} ${first.field} ${first.message}`,
      )
    }
    accepted += result.accepted
    batch = []
    if (accepted % 10_000 < BATCH) process.stdout.write(`  ${accepted} events …\n`)
  }
  for (const event of sampleEvents(readTrace(), Date.now())) {
    batch.push(event)
    if (batch.length === BATCH) await flush()
  }
  await flush()
  process.stdout.write(
    `Sent ${accepted} sample events of org_demo over the last 30 days (tag sample). Sending them again counts nothing twice.\n` +
      'Token counts and times within the hour: Azure LLM inference trace 2023, CC BY 4.0 (scripts/sample/README.md). People, models and regions are made up.\n',
  )
}

await main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
})
