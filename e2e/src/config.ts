/** What a run of the whole-path tests can be told from outside; read once, all faults named together. */
import { z } from 'zod'

const shape = z.object({
  E2E_SEED: z.coerce
    .number()
    .int()
    .min(0)
    .max(0xffff_ffff)
    .optional()
    .describe('integer 0 .. 2^32-1; default: a new one per run, printed. Repeats the choices of a run.'),
  E2E_KILLS: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(8)
    .describe('kills in the exactly-once run; default 8 (CI), 50 or more for the long version.'),
  E2E_KEEP_DATA: z.enum(['0', '1']).default('0').describe('1 leaves data directories and logs behind for a look.'),
  CHROMIUM_PATH: z.string().min(1).optional().describe('path of a Chromium; default: /usr/bin/chromium, then PATH.'),
  PATH: z.string().default(''),
})

function readConfig() {
  const parsed = shape.safeParse(process.env)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`)
  throw new Error(`read the e2e settings: ${faults.join('; ')}`)
}

const raw = readConfig()

export const config = {
  seed: raw.E2E_SEED ?? Math.floor(Math.random() * 0x1_0000_0000),
  kills: raw.E2E_KILLS,
  keepData: raw.E2E_KEEP_DATA === '1',
  chromiumPath: raw.CHROMIUM_PATH ?? null,
  path: raw.PATH,
} as const

/** Settings of the machine that child processes need; nothing of the product's own, so that runs never mix. */
export function inheritedEnvironment(): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [key, value] of Object.entries(process.env)) {
    if (
      value === undefined ||
      /^(ECOMIND_|EDGE_|API_|SQL_|LOG_|VITEST|NODE_OPTIONS$|NODE_ENV$|KAFKA_|CLICKHOUSE_)/.test(key)
    )
      continue
    kept[key] = value
  }
  return kept
}
