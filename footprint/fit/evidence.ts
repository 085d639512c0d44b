/** What a file of evidence holds: published values as they were published, and where. Nothing is converted here. */
import { z } from 'zod'

const CLASSES = ['nano', 'small', 'medium', 'large', 'frontier', 'image'] as const
/** Text classes from small to large models; the place in the list is the rank. */
export const TEXT_CLASSES = ['nano', 'small', 'medium', 'large', 'frontier'] as const
export type TextClass = (typeof TEXT_CLASSES)[number]

const positive = z.number().positive()

const row = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  source: z.string(),
  year: z.number().int(),
  /** V read in the source or computed from it, S second hand, M from memory. */
  mark: z.enum(['V', 'S', 'M']),
  method: z.enum(['measured', 'disclosed', 'modelled']),
  /** Id in the factor set, if the value is of one of its models. */
  model: z.string().optional(),
  name: z.string(),
  class: z.enum(CLASSES),
  task: z.enum(['chat', 'gpqa', 'image']).optional(),
  unit: z.enum(['J/token', 'Wh/answer', 'J/image', 'gCO2e/answer']),
  value: positive,
  low: positive.optional(),
  high: positive.optional(),
  /** gpu: accelerators; it: whole servers, idle ones included; facility: PUE included; the others fit none of these. */
  boundary: z.enum(['gpu', 'it', 'facility', 'partial', 'lifecycle']),
  /** Facility over IT energy as the source has it; for the boundary facility. */
  pue: z.number().min(1).optional(),
  /** inside: prefill is part of the figure; assumed: a typical answer; unknown: no length can be assumed. */
  tokens: z.enum(['stated', 'inside', 'assumed', 'unknown', 'none']),
  tokens_in: z.number().min(0).optional(),
  tokens_out: z.number().min(0).optional(),
  /** The model thinks and tokens_out does not count it. */
  reasoning_hidden: z.boolean().default(false),
  /** Requests that share the machine; fleet: a provider's production, or throughput of that scale. */
  concurrency: z.union([z.literal('fleet'), z.number().int().min(1)]),
  hardware: z.string().optional(),
  gpus: z.number().int().optional(),
  precision: z.string().optional(),
  params_total_b: positive.optional(),
  params_active_b: positive.optional(),
  superseded_by: z.string().optional(),
  note: z.string().optional(),
})
export type EvidenceRow = z.output<typeof row>

const source = z.strictObject({
  id: z.string(),
  title: z.string(),
  url: z.url().optional(),
  version: z.string(),
  year: z.number().int(),
  licence: z.string(),
})

const evidenceFile = z.strictObject({
  licence: z.string(),
  sources: z.array(source).min(1),
  /** Fields that a row of the file takes unless it states its own. */
  defaults: z.record(z.string(), z.unknown()).default({}),
  rows: z.array(z.record(z.string(), z.unknown())).min(1),
})

export type EvidenceSource = z.output<typeof source>
export interface Evidence {
  readonly sources: readonly EvidenceSource[]
  readonly rows: readonly EvidenceRow[]
}

/** Facts that belong together whatever the row: an answer has a length, a facility figure its PUE. */
function faultOf(r: EvidenceRow): string | undefined {
  const lengthKnown = r.tokens !== 'unknown' && r.tokens !== 'none'
  if (lengthKnown && (r.tokens_in === undefined || r.tokens_out === undefined)) return 'needs tokens_in and tokens_out'
  if (r.boundary === 'facility' && r.pue === undefined) return 'boundary facility needs pue'
  return undefined
}

/** `name` of the file is for messages. Throws with the row and the rule. */
function parseEvidenceFile(name: string, content: unknown): Evidence {
  const file = evidenceFile.parse(content)
  const rows = file.rows.map((given, i) => {
    const parsed = row.safeParse({ ...file.defaults, ...given })
    const where = `${name}.rows[${i}] ${String(given['id'])}`
    if (!parsed.success) throw new Error(`Read evidence: ${where}: ${z.prettifyError(parsed.error)}`)
    const fault = faultOf(parsed.data)
    if (fault !== undefined) throw new Error(`Read evidence: ${where}: ${fault}`)
    return parsed.data
  })
  return { sources: file.sources, rows }
}

/** All files together, rows by id. Throws on an id given twice or a source that no file lists. */
export function readEvidence(files: readonly { readonly name: string; readonly content: unknown }[]): Evidence {
  const parsed = files.map((f) => parseEvidenceFile(f.name, f.content))
  const sources = parsed.flatMap((p) => p.sources)
  const rows = parsed.flatMap((p) => p.rows).sort((a, b) => (a.id < b.id ? -1 : 1))
  const known = new Set(sources.map((s) => s.id))
  rows.forEach((r, i) => {
    if (!known.has(r.source)) throw new Error(`Read evidence: ${r.id}: source ${r.source} is in no list of sources`)
    if (rows[i + 1]?.id === r.id) throw new Error(`Read evidence: ${r.id}: the id is given twice`)
  })
  return { sources, rows }
}
