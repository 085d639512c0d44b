import { gzipSync } from 'node:zlib'
import { ingestAnswer } from '@ecomind/schemas'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EdgeFixture, readEvents, readMetric, startTestEdge } from '../test-support/edge-fixture.ts'
import { testEngines } from '../test-support/test-engines.ts'
import { validEvent } from '../test-support/valid-event.ts'

type Form = 'object' | 'array' | 'envelope' | 'lines'

interface Batch {
  /** true: a valid event; false: one to be refused. */
  readonly events: readonly boolean[]
  readonly form: Form
  readonly gzip: boolean
}

const batch: fc.Arbitrary<Batch> = fc.record({
  events: fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
  form: fc.constantFrom<Form>('object', 'array', 'envelope', 'lines'),
  gzip: fc.boolean(),
})

function bodyOf({ events, form, gzip }: Batch): Buffer {
  const values = events.map((valid) => (valid ? validEvent({ ts: new Date().toISOString() }) : { org_id: 'org_demo' }))
  const text = {
    object: () => JSON.stringify(values[0]),
    array: () => JSON.stringify(values),
    envelope: () => JSON.stringify({ events: values }, null, 2),
    lines: () => values.map((value) => JSON.stringify(value)).join('\n\n'),
  }[form]()
  return gzip ? gzipSync(text) : Buffer.from(text)
}

describe.each(testEngines())('POST /v1/ingest, $name engine', ({ httpEngine }) => {
  let edge: EdgeFixture
  beforeAll(async () => {
    edge = await startTestEdge({ httpEngine, flushBytes: 4096 })
  })
  afterAll(() => edge.stop())

  it('stores exactly the events that its answers call accepted, for any mix of requests at once', async () => {
    const answered: string[] = []
    let refused = 0
    const send = async (sent: Batch): Promise<void> => {
      const response = await fetch(`http://127.0.0.1:${edge.port}/v1/ingest`, {
        method: 'POST',
        headers: {
          'content-type': sent.form === 'lines' ? 'application/x-ndjson' : 'application/json',
          ...(sent.gzip ? { 'content-encoding': 'gzip' } : {}),
        },
        body: new Uint8Array(bodyOf(sent)),
      })
      const answer = ingestAnswer.parse(await response.json())
      const expected = sent.form === 'object' ? sent.events.slice(0, 1) : sent.events
      const invalid = expected.flatMap((valid, index) => (valid ? [] : [index]))
      expect(response.status).toBe(invalid.length === expected.length ? 400 : 202)
      expect(answer.rejected.map(({ index }) => index)).toEqual(invalid)
      expect(answer.accepted).toBe(expected.length - invalid.length)
      expect(answer.event_ids).toHaveLength(answer.accepted)
      answered.push(...answer.event_ids)
      refused += invalid.length
    }
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 12 }), async (batches) => {
        await Promise.all(batches.map(send))
      }),
      { numRuns: 40 },
    )
    const stored = (await readEvents(edge.log)).map((event) => event.event_id)
    expect(stored.toSorted()).toEqual(answered.toSorted())
    expect(new Set(stored).size).toBe(stored.length)
    expect(await readMetric(edge.port, 'ecomind_edge_events_accepted_total')).toBe(stored.length)
    expect(await readMetric(edge.port, 'ecomind_edge_events_rejected_total{code="field_missing"}')).toBe(refused)
    expect(await readMetric(edge.port, 'ecomind_edge_in_flight_bytes')).toBe(0)
    expect(await readMetric(edge.port, 'ecomind_edge_uncommitted_bytes')).toBe(0)
  })

  it('writes a repeated event id each time: dropping copies is the loader\u2019s', async () => {
    const send = () =>
      fetch(`http://127.0.0.1:${edge.port}/v1/ingest`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(validEvent({ ts: Date.now(), event_id: 'repeated-1' })),
      })
    expect([(await send()).status, (await send()).status]).toEqual([202, 202])
    expect((await readEvents(edge.log)).filter((event) => event.event_id === 'repeated-1')).toHaveLength(2)
  })
})
