/**
 * The loader's enrichment alone: a million events as they are decoded, through resolution and computation to the rows of
 * usage_events, one organisation of two with overrides. Beside it, in the same run, the same rows computed through the
 * engine's objects; and what a heap profile says an event allocates.
 */
import { Session } from 'node:inspector/promises'
import {
  applyOverrides,
  compileCoefficients,
  computeFootprint,
  type DefinedFactorSet,
  resolveCall,
  toUnits,
  UNIT_NAMES,
} from '@ecomind/footprint'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { createEnricher, type FootprintModel, footprintModel } from '@ecomind/stream-jobs'
import { type Figure, figure } from './report.ts'

type Enrich = ReturnType<typeof createEnricher>
type Arrived = Parameters<Enrich>[0]

const TARGET_PER_SECOND = 500_000
/** Rows live as long as in the loader: until their batch is inserted. */
const BATCH = 50_000
const PROFILED = 200_000
const SAMPLE_BYTES = 4096
const CONTEXT = { generation: 1, partition: 0, from: 0, watermarkMs: 1_767_225_600_000 }

const MODELS = [
  ['openai', 'gpt-4o'],
  ['openai', 'gpt-4o-mini-2024-07-18'],
  ['openai', 'o3'],
  ['anthropic', 'claude-3-5-sonnet-20241022'],
  ['google', 'gemini-2.5-flash'],
  ['bedrock', 'us.anthropic.claude-3-haiku-20240307-v1:0'],
  ['mistral', 'mistral-large-latest'],
  ['acme', 'a-model-nobody-has-heard-of'],
] as const
const REGIONS = ['FR', 'DE', 'us-east-1', 'US-CAISO', null] as const
const TIERS = [null, null, null, 'batch'] as const
const SOURCES = ['provider', 'provider', 'tokenizer'] as const

export async function* benchEnrichment(events: number): AsyncGenerator<Figure> {
  const base = loadDefaultFactorSet()
  const model = withOverrides(base)
  const rows = createEnricher(model)
  const objects = createEnricher(throughObjects(base))
  // Both warm, then in turns, so that neither has the quieter machine.
  measure(rows, BATCH)
  measure(objects, BATCH)
  const halves = [
    measure(rows, events / 2),
    measure(objects, events / 2),
    measure(rows, events / 2),
    measure(objects, events / 2),
  ]
  const [a, b, c, d] = halves.map((m) => m.cpuSeconds)
  const cpuSeconds = (a ?? 0) + (c ?? 0)
  const before = (b ?? 0) + (d ?? 0)
  const wallSeconds = (halves[0]?.wallSeconds ?? 0) + (halves[2]?.wallSeconds ?? 0)
  yield figure('enrichment, events per CPU-second', events / cpuSeconds, 'events/CPU-s', TARGET_PER_SECOND, {
    events,
    cpuSeconds,
    eventsPerSecond: Math.round(events / wallSeconds),
    throughObjectsPerCpuSecond: Math.round(events / before),
    ratioToObjects: Number((before / cpuSeconds).toFixed(2)),
    bytesPerEvent: await profile(rows),
  })
}

/** CPU of this process, the garbage it collects included; events are made outside the measured time. */
function measure(enrich: Enrich, events: number): { readonly cpuSeconds: number; readonly wallSeconds: number } {
  let cpuSeconds = 0
  let wallSeconds = 0
  for (let from = 0; from < events; from += BATCH) {
    const batch = makeBatch(from, Math.min(BATCH, events - from))
    const cpu = process.cpuUsage()
    const start = performance.now()
    const stored = batch.map((arrived) => enrich(arrived, CONTEXT))
    wallSeconds += (performance.now() - start) / 1000
    const { user, system } = process.cpuUsage(cpu)
    cpuSeconds += (user + system) / 1e6
    if (stored.length !== batch.length) throw new Error('enrich a batch: rows are missing')
  }
  return { cpuSeconds, wallSeconds }
}

/** Texts are new objects for every event, as a decoder makes them. */
const text = (value: string): string => Buffer.from(value, 'latin1').toString('latin1')
const textOrNull = (value: string | null): string | null => (value === null ? null : text(value))
const pick = <T>(list: readonly T[], i: number): T => list[i % list.length] as T

function makeBatch(from: number, count: number): Arrived[] {
  return Array.from({ length: count }, (_, i) => {
    const n = from + i
    const [provider, model] = pick(MODELS, n)
    return {
      event: {
        org_id: text(n % 2 === 0 ? 'org-plain' : 'org-stated'),
        event_id: `event-${n}`,
        user_id: text(`user-${n % 2000}`),
        provider: text(provider),
        model: text(model),
        tokens_in: (n * 7919) % 8000,
        tokens_out: (n * 104_729) % 2000,
        ts: 1_767_225_600_000 + n,
        region: textOrNull(pick(REGIONS, n >> 3)),
        team_id: null,
        project_id: null,
        source: text('sdk'),
        tokens_cache_read: n % 3 === 0 ? 100 : null,
        tokens_cache_write: null,
        tokens_reasoning: null,
        reasoning_separate: false,
        latency_ms: 900,
        tokens_source: text(pick(SOURCES, n)),
        service_tier: textOrNull(pick(TIERS, n >> 5)),
        tags: {},
      },
      contentHash: n,
      bytes: NO_BYTES,
      schemaId: 1,
      arrivedAtMs: 1_767_225_600_000 + n,
      replayOf: null,
      offset: n,
      index: 0,
    }
  })
}
const NO_BYTES = new Uint8Array()

function withOverrides(base: DefinedFactorSet): FootprintModel {
  const stated = applyOverrides(base, 'org-stated', 1, [
    {
      id: 'bench',
      version: 1,
      provider: 'openai',
      model: 'gpt-4o*',
      energy: { form: 'call', boundary: 'it', kwh_per_call: { low: 0.0001, central: 0.0003, high: 0.0009 } },
      valid_from_ms: 1_767_225_700_000,
      valid_to_ms: null,
      tier: 'E',
      evidence: { text: 'made for the benchmark', year: 2026 },
    },
  ])
  return footprintModel(base, { id: 'bench', sets: [stated] })
}

/** The same numbers through an activity, a footprint and units as objects: how enrichment computed before. */
function throughObjects(base: DefinedFactorSet): FootprintModel {
  const model = withOverrides(base)
  return {
    ...model,
    factorsOf: (orgId) => {
      const factors = model.factorsOf(orgId)
      return {
        ...factors,
        resolve: (provider, name, region, serviceTier, tsMs) => {
          const { factor, grid } = resolveCall(base, { provider, model: name, region, serviceTier, tsMs })
          const coefficients = compileCoefficients(factor.factor, grid.grid)
          return {
            ...factors.resolve(provider, name, region, serviceTier, tsMs),
            computeInto: (activity, out) => {
              const units = toUnits(computeFootprint(coefficients, { ...activity }))
              UNIT_NAMES.forEach((unit, i) => {
                out[i] = units[unit]
              })
            },
          }
        },
      }
    },
  }
}

/** Bytes that an event allocates, by the function that allocates them, sampled; those below one byte are left out. */
async function profile(enrich: Enrich): Promise<Readonly<Record<string, number>>> {
  const batch = makeBatch(0, PROFILED)
  const session = new Session()
  session.connect()
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: SAMPLE_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  } as object)
  batch.forEach((arrived) => {
    enrich(arrived, CONTEXT)
  })
  const { profile: tree } = await session.post('HeapProfiler.stopSampling')
  session.disconnect()
  const bytes = new Map<string, number>()
  const visit = (node: typeof tree.head): void => {
    if (!node.callFrame.url.startsWith('node:')) {
      const name = node.callFrame.functionName || '(top level)'
      bytes.set(name, (bytes.get(name) ?? 0) + node.selfSize)
    }
    for (const child of node.children) visit(child)
  }
  visit(tree.head)
  return Object.fromEntries(
    [...bytes].map(([name, sum]) => [name, Math.round(sum / PROFILED)]).filter(([, b]) => b !== 0),
  )
}
