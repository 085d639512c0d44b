/** Seeded events of many kinds: every optional field, every window edge, all over the last 40 days and a few years back. */
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import type { SentEvent } from './ledger.ts'
import type { Random } from './random.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

const MODELS = [
  ['openai', 'gpt-4o'],
  ['openai', 'gpt-4o-mini'],
  ['OpenAI', 'gpt-4o-2024-08-06'],
  ['anthropic', 'claude-3-5-sonnet-20241022'],
  ['google', 'gemini-1.5-pro'],
  ['mistral', 'mistral-large-latest'],
  ['acme', 'a-model-nobody-has-heard-of'],
] as const
const REGIONS = ['US-CAISO', 'DE', 'eu-west-1', 'FR', 'nowhere-at-all', undefined] as const

export interface EventMakerOptions {
  readonly random: Random
  /** The newest time an event may have, epoch milliseconds. */
  readonly nowMs: number
  /** Stands in front of every id, so that several makers never meet. */
  readonly idPrefix: string
  /** How many days back an event may be; default 1,090. Each month is a partition of every table, so far less is far quicker. */
  readonly daysBack?: number
}

/** An endless supply; ids count up, everything else is the random's choice. */
export function createEventMaker({ random, nowMs, idPrefix, daysBack = 1_090 }: EventMakerOptions): () => SentEvent {
  let serial = 0
  return () => {
    serial++
    const [provider, model] = random.pick(MODELS)
    const region = random.pick(REGIONS)
    const tokensIn = random.chance(0.02) ? random.integer(100_000, 2_000_000) : random.integer(0, 4_000)
    const tokensOut = random.integer(0, 2_000)
    return {
      event_id: `${idPrefix}-${String(serial).padStart(8, '0')}`,
      org_id: LOCAL_ORG_ID,
      user_id: `user-${random.integer(1, 40)}@example.org`,
      provider,
      model,
      tokens_in: tokensIn,
      tokens_out: tokensOut,
      ts: eventTime(random, nowMs, daysBack),
      ...(region === undefined ? {} : { region }),
      ...(random.chance(0.5) ? { team_id: `team-${random.integer(1, 6)}` } : {}),
      ...(random.chance(0.3) ? { project_id: `projekt-ü-${random.integer(1, 5)}` } : {}),
      ...(random.chance(0.3) ? { source: random.pick(['sdk', 'api', 'import'] as const) } : {}),
      ...(random.chance(0.3) ? { tokens_cache_read: random.integer(0, tokensIn) } : {}),
      ...(random.chance(0.3) ? { tokens_reasoning: random.integer(0, tokensOut) } : {}),
      ...(random.chance(0.3) ? { latency_ms: random.integer(1, 60_000) } : {}),
      ...(random.chance(0.4) ? { tokens_source: random.pick(['provider', 'tokenizer', 'estimate'] as const) } : {}),
      ...(random.chance(0.2) ? { tags: { stage: random.pick(['prod', 'test']), 'cost centre': '4711 / "Q"' } } : {}),
    }
  }
}

function eventTime(random: Random, nowMs: number, daysBack: number): number {
  const kind = random.next()
  if (kind < 0.4) return nowMs - random.integer(0, 60 * MINUTE_MS)
  if (kind < 0.7) return nowMs - random.integer(0, Math.min(40, daysBack) * DAY_MS)
  if (kind < 0.75 && daysBack > 40) return nowMs - random.integer(40 * DAY_MS, daysBack * DAY_MS)
  // At the edge of a window: its first and its last millisecond.
  const windowMs = random.pick([MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS, DAY_MS])
  const start = Math.floor((nowMs - random.integer(0, Math.min(10, daysBack) * DAY_MS)) / windowMs) * windowMs
  return random.chance(0.5) ? start : start - 1
}
