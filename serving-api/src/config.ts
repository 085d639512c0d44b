/** The settings of the serving API, read once from the environment; nobody else in this package touches it. */

import { type KeyRing, keyRingOf, keyRingSettings } from '@ecomind/schemas/keys'
import { z } from 'zod'
import {
  type FirstOrganisation,
  firstOrganisationOf,
  firstOrganisationSettings,
} from './bootstrap/first-organisation.ts'
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
    .enum(['local', 'production'], { message: 'local or production is wanted' })
    .default('local')
    .describe(
      'local binds to 127.0.0.1 and answers for org_demo without a key; production wants a key or a session, and ECOMIND_SECRET_KEYS',
    ),
  API_HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:-]{1,253}$/, { message: 'an address or host name of this machine is wanted' })
    .optional()
    .describe('address to listen on; default 127.0.0.1 in local mode, which takes no other, 0.0.0.0 in production'),
  ECOMIND_PUBLIC_URL: z
    .string()
    .refine(isOrigin, { message: 'an origin such as https://ecomind.example.org is wanted, without a path' })
    .optional()
    .describe('how browsers reach the API; sign-in and cookies need it. Default http://localhost:API_PORT'),
  ECOMIND_PROXY_HOPS: integer(0, 10, 0).describe(
    'proxies, 0 to 10, in front of the API that add to X-Forwarded-For; 0: the header is not believed',
  ),
  ECOMIND_SESSION_IDLE_S: integer(60, 2_592_000, 43_200).describe(
    'seconds, 60 to 2592000: a browser session that is not used for so long ends',
  ),
  ECOMIND_SESSION_MAX_S: integer(300, 7_776_000, 604_800).describe(
    'seconds, 300 to 7776000: a sign-in ends after so long, however much it is used',
  ),
  ECOMIND_PRIVATE_PROVIDERS: z
    .enum(['true', 'false'], { message: 'true or false is wanted' })
    .default('false')
    .describe(
      'true: identity providers and key sets that an organisation names may be in a private network (RFC 1918, RFC 4193); their administrators can then make this server call addresses there',
    ),
  ...keyRingSettings,
  ...firstOrganisationSettings,
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
    'bytes, 64 MiB to 1 TiB: memory the database may use for one question; three may run at once',
  ),
  ECOMIND_API_REQUESTS_MAX: integer(8, 10_000, 64).describe(
    'questions, 8 to 10000: how many may wait for the database at once, four fifths of them of one organisation; more are answered with overloaded',
  ),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/./, { message: 'postgres://user:password@host:port/database is wanted' })
    .optional()
    .describe('PostgreSQL server of the control store; absent: PGlite under ECOMIND_DATA_DIR/control'),
  ECOMIND_LIVE_CONNECTIONS_MAX: integer(0, 10_000, 100).describe(
    'connections, 0 to 10000: how many clients may listen to /v1/live at once; one organisation four fifths of them',
  ),
  ECOMIND_LIVE_POLL_MS: integer(100, 60_000, 1_000).describe(
    'milliseconds, 100 to 60000: pause between two looks for new values of one live view',
  ),
})

export interface ApiConfig {
  readonly mode: 'local' | 'production'
  readonly host: string
  readonly port: number
  /** Origin, without a slash at its end. */
  readonly publicUrl: string
  readonly proxyHops: number
  readonly sessionIdleMs: number
  readonly sessionAbsoluteMs: number
  readonly privateProviders: boolean
  /** Null: none was given, which only local mode bears. */
  readonly keyRing: KeyRing | null
  /** Null: a link to create the owner is printed instead. */
  readonly firstOrganisation: FirstOrganisation | null
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
  const { keyRing, firstOrganisation } = readCredentials(s)
  return {
    mode: s.ECOMIND_MODE,
    host: s.API_HOST ?? (s.ECOMIND_MODE === 'local' ? '127.0.0.1' : '0.0.0.0'),
    port: s.API_PORT,
    publicUrl: s.ECOMIND_PUBLIC_URL ?? `http://localhost:${s.API_PORT}`,
    proxyHops: s.ECOMIND_PROXY_HOPS,
    sessionIdleMs: s.ECOMIND_SESSION_IDLE_S * 1000,
    sessionAbsoluteMs: s.ECOMIND_SESSION_MAX_S * 1000,
    privateProviders: s.ECOMIND_PRIVATE_PROVIDERS === 'true',
    keyRing,
    firstOrganisation,
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

/** @throws ConfigError */
function readCredentials(s: z.output<typeof apiSettings>) {
  const { ring, faults: ringFaults } = keyRingOf(s)
  const { first, faults: firstFaults } = firstOrganisationOf(s)
  const faults = [...ringFaults, ...firstFaults]
  if (s.ECOMIND_MODE === 'production' && ring === null && ringFaults.length === 0)
    faults.push('ECOMIND_SECRET_KEYS: is required in production; make one with: echo "k1:$(openssl rand -base64 32)"')
  if (s.ECOMIND_MODE === 'local' && s.API_HOST !== undefined && !LOOPBACK.has(s.API_HOST))
    faults.push('API_HOST: local mode has no keys and listens on this machine only; set ECOMIND_MODE=production')
  if (faults.length > 0) throw new ConfigError(faults)
  return { keyRing: ring, firstOrganisation: first }
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost'])

function isOrigin(text: string): boolean {
  try {
    const { origin, protocol } = new URL(text)
    return origin === text && (protocol === 'https:' || protocol === 'http:')
  } catch {
    return false
  }
}
