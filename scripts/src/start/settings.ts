/** What the supervisor itself needs to know; each child reads its own settings in its `config.ts`. */
import { resolve } from 'node:path'
import { z } from 'zod'

const PORT = { message: 'a whole number from 1 to 65535 is wanted' }
const port = (fallback: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/, PORT)
    .transform(Number)
    .refine((n) => n >= 1 && n <= 65_535, PORT)
    .default(fallback)

const schema = z.object({
  ECOMIND_MODE: z.enum(['local', 'production'], { message: 'local or production is wanted' }).default('local'),
  ECOMIND_DATA_DIR: z.string().min(1).default('./data'),
  EDGE_PORT: port(8080),
  API_PORT: port(8000),
  SQL_PORT: port(8123),
})

export interface StartSettings {
  /** Absolute path. */
  readonly dataDir: string
  readonly edgePort: number
  readonly apiPort: number
  readonly sqlPort: number
  readonly mode: 'local' | 'production'
}

/** @throws Error with every fault, one a line */
export function readStartSettings(env: NodeJS.ProcessEnv, root: string): StartSettings {
  const given = Object.fromEntries(Object.entries(env).filter(([, text]) => text !== ''))
  const parsed = schema.safeParse(given)
  if (!parsed.success) {
    const faults = parsed.error.issues.map((i) => `  ${i.path.join('.')}: ${i.message}`)
    throw new Error(`read the settings: ${faults.length} fault(s)\n${faults.join('\n')}`)
  }
  const s = parsed.data
  const ports = { EDGE_PORT: s.EDGE_PORT, API_PORT: s.API_PORT, SQL_PORT: s.SQL_PORT }
  if (new Set(Object.values(ports)).size < 3) {
    throw new Error(`read the settings: EDGE_PORT, API_PORT and SQL_PORT must differ: ${JSON.stringify(ports)}`)
  }
  return {
    dataDir: resolve(root, s.ECOMIND_DATA_DIR),
    edgePort: s.EDGE_PORT,
    apiPort: s.API_PORT,
    sqlPort: s.SQL_PORT,
    mode: s.ECOMIND_MODE,
  }
}
