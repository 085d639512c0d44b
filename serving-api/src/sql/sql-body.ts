/** What `POST /v1/sql` is sent, and the formats it answers in. */
import { z } from 'zod'
import { orgId } from '../parameters/shapes.ts'

/** What the engine calls each format, and the type it is sent as. */
export const sqlFormats = {
  JSON: { engineName: 'JSON', mediaType: 'application/json; charset=utf-8' },
  CSV: { engineName: 'CSVWithNames', mediaType: 'text/csv; charset=utf-8; header=present' },
  Parquet: { engineName: 'Parquet', mediaType: 'application/vnd.apache.parquet' },
  Arrow: { engineName: 'Arrow', mediaType: 'application/vnd.apache.arrow.file' },
} as const

export type SqlFormat = keyof typeof sqlFormats

/** Beside JSON, without their parameters. */
export const OTHER_MEDIA_TYPES = (['CSV', 'Parquet', 'Arrow'] as const).map(
  (format) => sqlFormats[format].mediaType.split(';')[0] ?? '',
)

const QUERY_CHARACTERS_MAX = 200_000
const PARAM_CHARACTERS_MAX = 100_000

const scalar = z.union([z.string().max(PARAM_CHARACTERS_MAX), z.number(), z.boolean(), z.null()])

export const sqlBody = z.strictObject({
  org_id: orgId.optional(),
  query: z.string().min(1).max(QUERY_CHARACTERS_MAX).describe('One SELECT, SHOW or DESCRIBE, without FORMAT.'),
  params: z
    .record(z.string().regex(/^[A-Za-z_]\w{0,63}$/), z.union([scalar, z.array(z.union([z.string(), z.number()]))]))
    .optional()
    .describe('Values of the placeholders `{name:Type}`.'),
  format: z.enum(Object.keys(sqlFormats) as [SqlFormat, ...SqlFormat[]]).default('JSON'),
})

export type SqlBody = z.output<typeof sqlBody>

export const sqlAnswer = z.looseObject({
  meta: z.array(z.object({ name: z.string(), type: z.string() })),
  data: z.array(z.record(z.string(), z.unknown())),
  rows: z.int(),
  statistics: z.object({ elapsed: z.number().describe('Seconds.'), rows: z.int() }),
})

export const sqlQueriesAnswer = z.object({
  items: z.array(
    z.object({
      query_id: z.string(),
      key_id: z.string().nullable(),
      query: z.string(),
      started_at: z.string(),
      elapsed_ms: z.number(),
      error_code: z.int().nullable().describe("ClickHouse's number; null when it was answered."),
      rows: z.int(),
      bytes: z.int(),
    }),
  ),
})
