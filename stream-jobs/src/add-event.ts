/** One event that avsc decoded, into the columns: for records that read-record.ts leaves alone. */
import type { UsageEvent } from '@ecomind/schemas'
import type { DecodedEvent } from '@ecomind/schemas/avro'
import { contentHash } from './content-hash.ts'
import type { EventColumns } from './event-columns.ts'

/** The rows of one record get their head afterwards (`headRows`). */
export function addEvent(columns: EventColumns, { event, bytes }: DecodedEvent): void {
  columns.reserveRows(1)
  const row = columns.count
  const start = columns.addBytes(bytes)
  columns.starts[row] = start
  columns.ends[row] = columns.bytesUsed
  columns.contentHashes[row] = contentHash(columns.bytes, columns.view, start, columns.bytesUsed)
  columns.eventIdStarts[row] = addText(columns, event.event_id)
  columns.eventIdEnds[row] = columns.bytesUsed
  columns.userIdStarts[row] = addText(columns, event.user_id)
  columns.userIdEnds[row] = columns.bytesUsed
  addNames(columns, row, event)
  addNumbers(columns, row, event)
  addTags(columns, row, event.tags)
  columns.count = row + 1
}

function addText(columns: EventColumns, text: string): number {
  return columns.addBytes(Buffer.from(text))
}

function addNames(columns: EventColumns, row: number, event: UsageEvent): void {
  const { names } = columns
  columns.orgs[row] = names.numberOfText(event.org_id)
  columns.teams[row] = names.numberOfText(event.team_id ?? '')
  columns.projects[row] = names.numberOfText(event.project_id ?? '')
  columns.sources[row] = names.numberOfText(event.source ?? '')
  columns.providers[row] = names.numberOfText(event.provider)
  columns.models[row] = names.numberOfText(event.model)
  columns.regions[row] = names.numberOfText(event.region ?? '')
  columns.tokensSources[row] = names.numberOfText(event.tokens_source ?? '')
  columns.serviceTiers[row] = names.numberOfText(event.service_tier ?? '')
}

function addNumbers(columns: EventColumns, row: number, event: UsageEvent): void {
  columns.ts[row] = event.ts
  columns.tokensIn[row] = event.tokens_in
  columns.tokensOut[row] = event.tokens_out
  columns.tokensCacheRead[row] = event.tokens_cache_read ?? 0
  columns.tokensCacheWrite[row] = event.tokens_cache_write ?? 0
  columns.tokensReasoning[row] = event.tokens_reasoning ?? 0
  columns.reasoningSeparate[row] = event.reasoning_separate ? 1 : 0
  columns.latencyMs[row] = event.latency_ms ?? Number.NaN
}

function addTags(columns: EventColumns, row: number, tags: UsageEvent['tags']): void {
  columns.tagFirsts[row] = columns.tagsUsed
  for (const [key, value] of Object.entries(tags)) {
    const keyStart = addText(columns, key)
    const valueStart = addText(columns, value)
    columns.addTag(keyStart, valueStart, valueStart, columns.bytesUsed)
  }
  columns.tagCounts[row] = columns.tagsUsed - (columns.tagFirsts[row] ?? 0)
}
