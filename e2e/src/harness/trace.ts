/** The real trace as events of a test: real arrival times and token counts on a day of the test's choice. */
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import { readTrace, TRACE_START_MS } from '../../../scripts/src/sample-data/trace.ts'
import type { SentEvent } from './ledger.ts'

/** Sums of the file, as its publisher states them. */
export const TRACE_CALLS = 19_366
export const TRACE_TOKENS_IN = 22_361_870
export const TRACE_TOKENS_OUT = 4_088_665

const DAY_MS = 86_400_000
const MODELS = ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1'] as const
const REGIONS = ['US-CAISO', 'DE', 'swedencentral'] as const

/** The whole trace on the day that is `daysBack` before `nowMs`: same time of day, so minutes stay the file's minutes. */
export function traceEvents(nowMs: number, daysBack: number, idPrefix: string): SentEvent[] {
  const day = Math.floor(nowMs / DAY_MS) * DAY_MS - daysBack * DAY_MS
  const timeOfDay = TRACE_START_MS % DAY_MS
  return readTrace().map((request, row) => ({
    event_id: `${idPrefix}-${row}`,
    org_id: LOCAL_ORG_ID,
    user_id: `user-${row % 50}@example.org`,
    provider: 'azure',
    model: MODELS[row % MODELS.length] ?? MODELS[0],
    region: REGIONS[row % REGIONS.length] ?? REGIONS[0],
    tokens_in: request.tokensIn,
    tokens_out: request.tokensOut,
    ts: day + timeOfDay + request.offsetMs,
  }))
}
