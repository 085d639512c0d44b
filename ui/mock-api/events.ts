/** The calls of the mock: 62 days of office life up to `nowMs`, the same for the same `nowMs` rounded to a minute. */
import type { EventItem } from '@ecomind/schemas'
import { gridOf, longName, MODELS, type MockModel, TEAMS, USERS } from './catalogue.ts'
import { footprintFields, footprintOf } from './footprint.ts'
import { seededRandom } from './random.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const DAYS = 62
const SEED = 20_260_312
const FACTOR_SET = 'mock-2026.1'

export interface MockEvent {
  readonly item: EventItem
  readonly model: MockModel
}

/** Calls in one hour: busy from 8 to 18 UTC on weekdays, with a nightly job at 2. */
function callsInHour(hourMs: number, random: () => number): number {
  const at = new Date(hourMs)
  const hour = at.getUTCHours()
  const weekend = at.getUTCDay() === 0 || at.getUTCDay() === 6
  const daytime = hour >= 8 && hour < 18 ? 9 - Math.abs(hour - 13) : 0.4
  const nightly = hour === 2 ? 6 : 0
  return Math.floor((weekend ? daytime * 0.15 : daytime) + nightly + random() * 2)
}

function pick<T>(list: readonly T[], random: () => number, weightOf: (entry: T) => number): T {
  let at = random() * list.reduce((sum, entry) => sum + weightOf(entry), 0)
  for (const entry of list) {
    at -= weightOf(entry)
    if (at < 0) return entry
  }
  return list[list.length - 1] as T
}

interface Reported {
  readonly tsMs: number
  readonly model: MockModel
  readonly userId: string
  readonly teamId: string | null
  readonly tokensIn: number
  readonly tokensOut: number
  readonly regionInferred: boolean
  readonly estimated: boolean
}

export function eventOf(orgId: string, eventId: string, reported: Reported): MockEvent {
  const { model } = reported
  const grid = gridOf(model.region)
  const footprint = footprintOf(model, grid, reported.tokensIn, reported.tokensOut)
  const item: EventItem = {
    event_id: eventId,
    org_id: orgId,
    user_id: reported.userId,
    team_id: reported.teamId,
    project_id: null,
    source: 'sdk',
    provider: model.provider,
    model: model.model,
    region: model.region,
    region_inferred: reported.regionInferred,
    ts: new Date(reported.tsMs).toISOString(),
    arrived_at: new Date(reported.tsMs + 900).toISOString(),
    tokens_in: reported.tokensIn,
    tokens_out: reported.tokensOut,
    tokens_cache_read: Math.floor(reported.tokensIn / 4),
    tokens_cache_write: 0,
    tokens_reasoning: model.model === 'o3' ? Math.floor(reported.tokensOut * 0.8) : 0,
    reasoning_separate: false,
    latency_ms: 400 + reported.tokensOut * 12,
    tokens_source: reported.estimated ? 'estimate' : 'provider',
    service_tier: null,
    tags: {},
    factor_set: FACTOR_SET,
    factor_id: model.known ? `${model.provider}/${model.model}` : 'unknown',
    grid_id: grid.id,
    ...footprintFields(footprint, model.known),
  }
  return { item, model }
}

function modelsOf(longNames: boolean): readonly MockModel[] {
  if (!longNames) return MODELS
  return MODELS.map((model) => ({
    ...model,
    provider: longName(model.provider, 64),
    model: longName(model.model, 128),
  }))
}

/** Oldest first. */
export function sampleEvents(orgId: string, nowMs: number, longNames: boolean): MockEvent[] {
  const random = seededRandom(SEED)
  const models = modelsOf(longNames)
  const users = longNames ? USERS.map((user) => longName(user, 256)) : USERS
  const endMs = Math.floor(nowMs / 60_000) * 60_000
  const firstMs = Math.floor((endMs - DAYS * DAY_MS) / HOUR_MS) * HOUR_MS
  const events: MockEvent[] = []
  for (let hourMs = firstMs; hourMs < endMs; hourMs += HOUR_MS) {
    const calls = callsInHour(hourMs, random)
    const times = Array.from({ length: calls }, () => hourMs + Math.floor(random() * HOUR_MS)).sort((a, b) => a - b)
    for (const tsMs of times) {
      const model = pick(models, random, (entry) => entry.weight)
      const reported = {
        tsMs,
        model,
        userId: pick(users, random, (user) => 12 - users.indexOf(user)),
        teamId: random() < 0.8 ? pick(TEAMS, random, () => 1) : null,
        tokensIn: 200 + Math.floor(random() ** 3 * 24_000),
        tokensOut: 40 + Math.floor(random() ** 2 * 1_800),
        regionInferred: random() < 0.12,
        estimated: random() < 0.08,
      }
      const event = eventOf(orgId, `mock-${events.length.toString(16).padStart(8, '0')}`, reported)
      if (tsMs < endMs) events.push(event)
    }
  }
  return events
}
