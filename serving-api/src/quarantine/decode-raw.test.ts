import type { UsageEvent } from '@ecomind/schemas'
import { decodeBatch, encodeBatch, FOLDER_SCHEMAS } from '@ecomind/schemas/avro'
import { openSchemaIds } from '@ecomind/schemas/registry'
import { startSmallRegistry } from '@ecomind/schemas/testing/small-registry'
import { encodeNextBatch, NEXT_SCHEMA_TEXT } from '@ecomind/schemas/testing/versions'
import { expect, onTestFinished, test } from 'vitest'
import type { QuarantineRecord } from '../questions/quarantine.ts'
import { decodeRaw, schemaIdsOf, WHOLE_RECORD_INDEX } from './decode-raw.ts'

const event: UsageEvent = {
  ...{ org_id: 'org_demo', event_id: 'event-0001', user_id: 'ann', provider: 'openai', model: 'gpt-4o', ts: 1000 },
  ...{ tokens_in: 10, tokens_out: 5, reasoning_separate: false, tags: {}, latency_ms: null, region: null },
  ...{ team_id: null, project_id: null, source: null, tokens_source: null, service_tier: null },
  ...{ tokens_cache_read: null, tokens_cache_write: null, tokens_reasoning: null },
}

function quarantined(raw: Buffer, index: number): QuarantineRecord {
  const position = { generation: 1, partition: 0, offset: 7, index }
  return {
    position,
    orgId: '',
    eventId: null,
    reason: 'unknown_schema',
    detail: '',
    raw,
    arrivedAtMs: 1,
    replayed: false,
  }
}

test('a record of an unknown schema can be read from the moment on at which the registry knows it', async () => {
  const registry = await startSmallRegistry()
  const target = { url: registry.url, auth: null, subject: 'usage-value', waitMs: 0 }
  const ids = await openSchemaIds({ target, dir: '/nowhere/schemas', onReport: () => undefined, askTwiceAfterMs: 1 })
  onTestFinished(async () => {
    await ids.stop()
    await registry.stop()
  })
  const record = quarantined(encodeNextBatch(2, 1000, [event]), WHOLE_RECORD_INDEX)
  expect(schemaIdsOf([record])).toEqual([2])
  expect(decodeRaw(record, await ids.resolveAnew([2]))).toBeNull()
  registry.schemas.set(2, NEXT_SCHEMA_TEXT)
  expect(decodeRaw(record, await ids.resolveAnew([2]))).toMatchObject([event])
})

test('the bytes of one event are those of our own schema, whatever ids there are', () => {
  const [decoded] = decodeBatch(encodeBatch({ arrivedAtMs: 1, edgeId: 'e', replayOf: null }, [event])).events
  const record = quarantined(Buffer.from(decoded?.bytes ?? []), 3)
  expect(schemaIdsOf([record])).toEqual([])
  expect(decodeRaw(record, { isOwn: () => false, readerOf: () => null })).toMatchObject([event])
  expect(decodeRaw(quarantined(Buffer.from('garbage'), WHOLE_RECORD_INDEX), FOLDER_SCHEMAS)).toBeNull()
})
