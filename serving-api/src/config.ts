/** The settings of the serving API, read once from the environment; nobody else in this package touches it. */
import { z } from 'zod'
import { isTimeZone } from './time/zone.ts'

const integer = (min: number, max: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, { message: `a whole number from ${min} to ${max} is wanted` })
    .transform(Number)
    .refine((n) => n >= min && n <= max, { message: `a whole number from ${min} to ${max} is wanted` })
    .default(fallback)

/** Every key with its unit, default, bounds and a sentence. */
export const apiSettings = z.object({
  ECOMIND_MODE: z
    .enum(['local'], { message: 'local is wanted; production needs the control plane, which this version lacks' })
    .default('local')
    .describe('local binds to 127.0.0.1 and answers for org_demo without a key'),
  API_PORT: integer(0, 65_535, 8000).describe('port of the serving API and the pages; 0 takes a free one'),
  ECOMIND_TZ: z
    .string()
    .refine(isTimeZone, { message: 'a time zone by its IANA name is wanted, such as Europe/Berlin' })
    .default('UTC')
    .describe("the organisation's time zone: its days begin at midnight there"),
  ECOMIND_LATENESS_S: integer(0, 86_400, 600).describe(
    'seconds, 0 to 86400: how long after its end, by the watermark, a window waits for late events before it is final',
  ),
  ECOMIND_QUERY_TIMEOUT_MS: integer(100, 300_000, 10_000).describe(
    'milliseconds, 100 to 300000: how long the database may work on one question; more is answered with query_timeout',
  ),
  ECOMIND_QUERY_MEMORY_BYTES: integer(67_108_864, 1_099_511_627_776, 1_073_741_824).describe(
    'bytes, 64 MiB to 1 TiB: memory the database may use for one question',
  ),
  ECOMIND_API_REQUESTS_MAX: integer(1, 10_000, 64).describe(
    'requests, 1 to 10000: how many may wait for the database at once; more are answered with overloaded',
  ),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/./, { message: 'postgres://user:password@host:port/database is wanted' })
    .optional()
    .describe('PostgreSQL server of the control store; absent: PGlite under ECOMIND_DATA_DIR/control'),
  ECOMIND_LIVE_CONNECTIONS_MAX: integer(0, 10_000, 100).describe(
    'connections, 0 to 10000: how many clients may listen to /v1/live at once',
  ),
  ECOMIND_LIVE_POLL_MS: integer(100, 60_000, 1_000).describe(
    'milliseconds, 100 to 60000: pause between two looks for new values of one live view',
  ),
})

export interface ApiConfig {
  readonly mode: 'local'
  readonly host: string
  readonly port: number
  readonly tz: string
  readonly latenessMs: number
  readonly queryTimeoutMs: number
  readonly queryMemoryBytes: number
  readonly requestsMax: number
  /** Null: PGlite in this process. */
  readonly databaseUrl: string | null
  readonly liveConnectionsMax: number
  readonly livePollMs: number
}

/** All faults of the settings in one error, one a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(`read the settings of the serving API:\n${faults.map((f) => `  ${f}`).join('\n')}`)
    this.faults = faults
  }
}

/** @throws ConfigError with every fault, not only the first */
export function readApiConfig(env: Readonly<Record<string, string | undefined>> = process.env): ApiConfig {
  const known = Object.keys(apiSettings.shape)
  const given = Object.fromEntries(known.flatMap((k) => (env[k] === undefined || env[k] === '' ? [] : [[k, env[k]]])))
  const parsed = apiSettings.safeParse(given)
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`))
  const s = parsed.data
  return {
    mode: s.ECOMIND_MODE,
    host: '127.0.0.1',
    port: s.API_PORT,
    tz: s.ECOMIND_TZ,
    latenessMs: s.ECOMIND_LATENESS_S * 1000,
    queryTimeoutMs: s.ECOMIND_QUERY_TIMEOUT_MS,
    queryMemoryBytes: s.ECOMIND_QUERY_MEMORY_BYTES,
    requestsMax: s.ECOMIND_API_REQUESTS_MAX,
    databaseUrl: s.DATABASE_URL ?? null,
    liveConnectionsMax: s.ECOMIND_LIVE_CONNECTIONS_MAX,
    livePollMs: s.ECOMIND_LIVE_POLL_MS,
  }
}
