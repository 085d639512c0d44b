/** Answers about persons' data: `/v1/privacy`. */
import { z } from 'zod'
import { rfc3339 } from './numbers.ts'

const rowCounts = z
  .record(z.string(), z.number().int())
  .describe(
    'rows of the person by table; `quarantine`: rows whose bytes hold the user id; `accounts`: people whose events these are',
  )
const person = z
  .object({ salt: z.string(), sha256: z.string().describe('hex of SHA-256 over salt and user id') })
  .describe('whoever knows the id can check that it was this one')
const mode = z.enum(['pseudonymise', 'delete'])

export const erasureCertificate = z
  .object({
    id: z.string(),
    org_id: z.string(),
    mode,
    person,
    requested_by: z.string(),
    requested_at: rfc3339,
    finished_at: rfc3339,
    version: z.string().describe('of Ecomind'),
    factor_set: z.string().describe('of new calls at that moment; reported numbers keep the set of their arrival'),
    rows_before: rowCounts,
    rows_after: rowCounts,
    verification: z.array(z.object({ question: z.string(), rows: z.number().int() })),
    totals: z
      .record(z.string(), z.string())
      .describe('sums of all calls of the organisation, compared before and after the last step'),
    remains: z.array(z.string()).describe("what can't be erased at once, and until when"),
  })
  .meta({ id: 'ErasureCertificate' })

export const erasure = z
  .object({
    id: z.string(),
    org_id: z.string(),
    mode,
    state: z
      .enum(['waiting', 'moving', 'done'])
      .describe('`waiting`: events that are in the log already are loaded first'),
    person,
    requested_by: z.string(),
    requested_at: rfc3339,
    finished_at: rfc3339.nullable(),
    found: rowCounts.describe('rows of the person when it was asked for, by table'),
    error: z.string().nullable().describe('why the last try ended; it is tried again'),
    certificate: erasureCertificate.nullable().describe('null until it is done'),
  })
  .meta({ id: 'Erasure' })
export type ErasureAnswer = z.output<typeof erasure>

export const erasureRequestAnswer = z
  .object({
    preview: rowCounts.describe('what would be touched now, by table'),
    run: erasure.nullable().describe('null for a preview'),
  })
  .meta({ id: 'ErasureRequestAnswer' })
export const erasuresAnswer = z
  .object({ items: z.array(erasure), next_cursor: z.string().optional() })
  .meta({ id: 'ErasuresAnswer' })

export const exportLine = z
  .union([
    z.object({ table: z.string(), row: z.record(z.string(), z.unknown()) }),
    z.object({
      manifest: z.object({
        id: z.string(),
        org_id: z.string(),
        user_id: z.string(),
        exported_at: rfc3339,
        version: z.string(),
        rows: z.record(z.string(), z.number().int()).describe('lines by table'),
        sha256: z.string().describe('hex, over all bytes before this line'),
      }),
    }),
  ])
  .meta({ id: 'PersonExportLine' })
