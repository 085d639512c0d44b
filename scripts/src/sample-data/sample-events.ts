/**
 * 30 days of sample events from the trace. Real: token counts and the time within the hour of each request. Made up
 * and labelled (`tags.sample`): people, teams, projects, models, regions and how many requests an hour holds. The same
 * day gives the same events with the same ids, whenever and however often it is sent, so sending twice counts once.
 */
import type { UsageEventInput } from '@ecomind/schemas'
import type { TraceRequest } from './trace.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Share of the trace's requests that falls into each hour of a working day, UTC; a made-up office day. */
const HOUR_WEIGHTS = [1, 1, 1, 1, 1, 2, 4, 9, 14, 16, 15, 12, 11, 15, 17, 16, 13, 8, 5, 4, 3, 2, 2, 1] as const
const WEEKEND_FACTOR = 0.18
/** Share of the trace's requests in an hour of weight 1. */
const WEIGHT_UNIT = 0.0008

interface Persona {
  readonly user: string
  readonly team: string
  readonly project: string
  readonly weight: number
  /** Indexes into MODELS, the favourite first. */
  readonly models: readonly number[]
}

const MODELS = [
  { provider: 'openai', model: 'gpt-4o', region: 'US-CAISO' },
  { provider: 'openai', model: 'gpt-4o-mini', region: 'US-CAISO' },
  { provider: 'anthropic', model: 'claude-sonnet-4-5', region: 'us-east-1' },
  { provider: 'anthropic', model: 'claude-haiku-4-5', region: 'us-east-1' },
  { provider: 'google', model: 'gemini-2.5-flash', region: 'europe-west4' },
  { provider: 'google', model: 'gemini-2.5-pro', region: 'europe-west4' },
  { provider: 'mistral', model: 'mistral-large-latest', region: 'FR' },
  { provider: 'azure', model: 'gpt-4o', region: 'swedencentral' },
] as const

const PERSONAS: readonly Persona[] = [
  { user: 'alice@sample.example', team: 'support', project: 'helpdesk', weight: 9, models: [0, 1, 0, 1] },
  { user: 'bob@sample.example', team: 'support', project: 'helpdesk', weight: 7, models: [1, 1, 0] },
  { user: 'carol@sample.example', team: 'engineering', project: 'code-review', weight: 8, models: [2, 2, 3] },
  { user: 'dmitri@sample.example', team: 'engineering', project: 'code-review', weight: 6, models: [2, 7] },
  { user: 'eun-ji@sample.example', team: 'engineering', project: 'search', weight: 5, models: [4, 5, 4] },
  { user: 'farid@sample.example', team: 'marketing', project: 'newsletter', weight: 3, models: [6, 1] },
  { user: 'grace@sample.example', team: 'research', project: 'papers', weight: 4, models: [5, 2, 0] },
  { user: 'svc-ticket-triage', team: 'platform', project: 'ticket-triage', weight: 12, models: [3, 1, 4] },
]

/**
 * Events of the 30 days that end at `nowMs`, oldest first; none is later than `nowMs`.
 */
export function* sampleEvents(trace: readonly TraceRequest[], nowMs: number, days = 30): Generator<UsageEventInput> {
  const firstDay = Math.floor(nowMs / DAY_MS) * DAY_MS - (days - 1) * DAY_MS
  for (let hour = firstDay; hour <= nowMs; hour += HOUR_MS) {
    for (const event of eventsOfHour(trace, hour)) if (Number(event.ts) <= nowMs) yield event
  }
}

function eventsOfHour(trace: readonly TraceRequest[], hourMs: number): UsageEventInput[] {
  const date = new Date(hourMs)
  const weekend = date.getUTCDay() === 0 || date.getUTCDay() === 6
  const weight = (HOUR_WEIGHTS[date.getUTCHours()] ?? 1) * (weekend ? WEEKEND_FACTOR : 1)
  const random = mulberry32(hourMs / HOUR_MS)
  const label = date.toISOString().slice(0, 13).replaceAll(/[-T]/g, '')
  return trace.flatMap((request, row) =>
    random() < weight * WEIGHT_UNIT ? [toEvent(request, hourMs, `sample-${label}-${row}`, random)] : [],
  )
}

function toEvent(request: TraceRequest, hourMs: number, id: string, random: () => number): UsageEventInput {
  const persona = pick(PERSONAS, random)
  const model = MODELS[persona.models[Math.floor(random() * persona.models.length)] ?? 0] ?? MODELS[0]
  return {
    event_id: id,
    org_id: 'org_demo',
    user_id: persona.user,
    team_id: persona.team,
    project_id: persona.project,
    source: persona.user.startsWith('svc-') ? 'api' : 'sdk',
    provider: model.provider,
    model: model.model,
    region: model.region,
    tokens_in: request.tokensIn,
    tokens_out: request.tokensOut,
    tokens_source: 'provider',
    ts: hourMs + (request.offsetMs % HOUR_MS),
    tags: { sample: 'azure-llm-trace-2023' },
  }
}

function pick(personas: readonly Persona[], random: () => number): Persona {
  let rest = random() * personas.reduce((sum, p) => sum + p.weight, 0)
  for (const persona of personas) {
    rest -= persona.weight
    if (rest < 0) return persona
  }
  return personas[0] as Persona
}

/** Small seeded generator (mulberry32, public domain, Tommy Ettinger): sample data must be the same everywhere. */
function mulberry32(seed: number): () => number {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), a | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
