/** The settings of the edge, read once from the environment; nobody else in this package touches it. */
import { join, resolve } from 'node:path'
import { type KafkaTarget, kafkaSettings, kafkaTarget } from '@ecomind/event-log'
import { USAGE_TOPIC } from '@ecomind/schemas'
import { type KeyRing, keyRingOf, keyRingSettings, knownPasswordFaults } from '@ecomind/schemas/keys'
import { type RegistryTarget, registrySettings, registryTarget } from '@ecomind/schemas/registry'
import { z } from 'zod'
import { type ArmedFaultPoint, EDGE_FAULT_POINTS } from './fault-point.ts'
import type { EngineChoice } from './load-uws.ts'

const integer = (min: number, max: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, { message: `a whole number from ${min} to ${max} is wanted` })
    .transform(Number)
    .refine((n) => n >= min && n <= max, { message: `a whole number from ${min} to ${max} is wanted` })
    .default(fallback)

const ORIGIN = /^(https?|chrome-extension|moz-extension):\/\/[^/\s,]+$/
const origins = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim()))
  .refine((list) => list.every((origin) => ORIGIN.test(origin)), {
    message: 'origins such as https://app.example.org are wanted, separated by commas',
  })
  .default(['http://127.0.0.1:8000', 'http://localhost:8000'])

/** Every key with its unit, default, bounds and a sentence. */
export const edgeSettings = z.object({
  ECOMIND_MODE: z
    .enum(['local', 'production'], { message: 'local or production is wanted' })
    .default('local')
    .describe(
      'local binds to 127.0.0.1 and takes unauthenticated events of org_demo only; production asks for an ingest key',
    ),
  ECOMIND_DATA_DIR: z.string().min(1).default('./data').describe('folder of the embedded stores; the log is in log/'),
  EDGE_PORT: integer(0, 65_535, 8080).describe('port of the ingest edge; 0 takes a free one'),
  EDGE_HOST: z
    .string()
    .regex(/^[0-9A-Za-z.:-]{1,253}$/, { message: 'an address of this machine is wanted, such as 0.0.0.0 or 10.0.0.5' })
    .optional()
    .describe('address that the edge listens on; 127.0.0.1 in local mode, 0.0.0.0 by default in production'),
  ...keyRingSettings,
  ECOMIND_CONTROL_URL: z
    .string()
    .regex(/^https?:\/\/[^/\s@]+/, { message: 'an address such as https://api.example.org is wanted' })
    .optional()
    .describe('where the serving API answers, for keys; default http://127.0.0.1:API_PORT'),
  API_PORT: integer(0, 65_535, 8000).describe(
    'port of the serving API on this machine, where ECOMIND_CONTROL_URL is absent',
  ),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/./, { message: 'redis://host:port or rediss://user:password@host:port is wanted' })
    .optional()
    .describe('Redis through which edges share rate limits and daily quotas; absent: each edge holds them for itself'),
  ...kafkaSettings,
  ...registrySettings,
  ECOMIND_LOG_PARTITIONS: integer(1, 1024, 2).describe(
    'partitions, 1 to 1024: fixed when the log is created, the same for the edge and the core; of a Kafka topic, too',
  ),
  ECOMIND_LOG_MAX_BYTES: integer(1_048_576, 1_099_511_627_776, 8_589_934_592).describe(
    'bytes, 1 MiB to 1 TiB: what the embedded log keeps before the edge answers log_full',
  ),
  EDGE_CORS_ORIGINS: origins.describe('origins, separated by commas: pages that may send events from a browser'),
  EDGE_BODY_BYTES_MAX: integer(1024, 16_777_216, 1_048_576).describe(
    'bytes, 1 KiB to 16 MiB: largest body, as sent and inflated',
  ),
  EDGE_EVENTS_MAX: integer(1, 100_000, 1000).describe('events, 1 to 100000: most that one request may carry'),
  EDGE_IN_FLIGHT_BYTES_MAX: integer(4096, 17_179_869_184, 67_108_864).describe(
    'bytes, 4 KiB to 16 GiB, at least four bodies: held at one time; beyond that requests are answered with overloaded',
  ),
  EDGE_BODY_STALL_MS: integer(100, 7500, 7000).describe(
    'milliseconds, 100 to 7500: a body must bring 16 KiB per second over every such span or is answered with request_timeout',
  ),
  EDGE_FLUSH_DELAY_MS: integer(0, 1000, 2).describe(
    'milliseconds, 0 to 1000: how long events wait for others to share a flush with',
  ),
  EDGE_FLUSH_BYTES: integer(1024, 900_000, 262_144).describe(
    'bytes, 1 KiB to 900 KB: encoded events at which a record is cut before the delay is over',
  ),
  EDGE_TS_AGE_DAYS_MAX: integer(1, 36_500, 1096).describe('days, 1 to 36500: how far back ts may lie'),
  EDGE_TS_AHEAD_S_MAX: integer(0, 86_400, 300).describe('seconds, 0 to 86400: how far ahead of arrival ts may lie'),
  EDGE_DRAIN_MS: integer(0, 600_000, 10_000).describe(
    'milliseconds, 0 to 600000: how long a stopping edge waits for requests under way',
  ),
  EDGE_HTTP_ENGINE: z
    .enum(['auto', 'javascript'])
    .default('auto')
    .describe('auto takes native uWebSockets.js where a build loads; javascript never looks for one'),
  EDGE_UWS_DIR: z
    .string()
    .optional()
    .describe('folder of an official uWebSockets.js release, for native speed where the npm package has no build'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('pino level'),
  ECOMIND_FAULT_POINT: z.string().optional().describe('tests only: name:nth of a place where the process kills itself'),
})

/** What production mode needs to check keys. */
export interface KeyConfig {
  readonly ring: KeyRing
  readonly controlUrl: string
  /** Folder of what the edge remembers: keys, and the events of the day. */
  readonly dir: string
  /** Null: limits are not shared. */
  readonly redisUrl: string | null
}

export interface EdgeConfig {
  readonly mode: 'local' | 'production'
  /** Null in local mode. */
  readonly keys: KeyConfig | null
  readonly host: string
  readonly port: number
  readonly logDir: string
  readonly logPartitions: number
  readonly logBytesMax: number
  /** Null: the embedded log. */
  readonly kafka: KafkaTarget | null
  /** Null: schema ids of the schemas folder. */
  readonly registry: RegistryTarget | null
  /** Folder of the schemas that a registry gave. */
  readonly schemasDir: string
  readonly corsOrigins: readonly string[]
  readonly bodyBytesMax: number
  readonly eventsMax: number
  readonly inFlightBytesMax: number
  readonly bodyStallMs: number
  readonly flushDelayMs: number
  readonly flushBytes: number
  readonly tsAgeMsMax: number
  readonly tsAheadMsMax: number
  readonly drainMs: number
  readonly httpEngine: EngineChoice
  readonly logLevel: string
  readonly faultPoint: ArmedFaultPoint | null
}

/** All faults of the settings in one error, one a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(`read the settings of the edge:\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
    this.faults = faults
  }
}

/** @throws ConfigError with every fault, not only the first */
export function readEdgeConfig(env: Readonly<Record<string, string | undefined>> = process.env): EdgeConfig {
  const known = Object.keys(edgeSettings.shape)
  const given = Object.fromEntries(
    known.flatMap((key) => (env[key] === undefined || env[key] === '' ? [] : [[key, env[key]]])),
  )
  const parsed = edgeSettings.safeParse(given)
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
  }
  const s = parsed.data
  if (s.EDGE_IN_FLIGHT_BYTES_MAX < 4 * s.EDGE_BODY_BYTES_MAX) {
    throw new ConfigError(['EDGE_IN_FLIGHT_BYTES_MAX: at least four times EDGE_BODY_BYTES_MAX is wanted'])
  }
  const { kafka, faults } = kafkaTarget(s, USAGE_TOPIC)
  const { registry, faults: registryFaults } = registryTarget(s, kafka?.topic ?? null)
  const { keys, faults: keyFaults } = keyConfigOf(s)
  const all = [...faults, ...registryFaults, ...keyFaults, ...knownPasswordFaults(env)]
  if (all.length > 0) throw new ConfigError(all)
  return {
    mode: s.ECOMIND_MODE,
    keys,
    host: s.EDGE_HOST ?? (s.ECOMIND_MODE === 'local' ? LOCAL_HOST : '0.0.0.0'),
    port: s.EDGE_PORT,
    logDir: join(resolve(s.ECOMIND_DATA_DIR), 'log'),
    logPartitions: s.ECOMIND_LOG_PARTITIONS,
    logBytesMax: s.ECOMIND_LOG_MAX_BYTES,
    kafka,
    registry,
    schemasDir: join(resolve(s.ECOMIND_DATA_DIR), 'schemas'),
    corsOrigins: s.EDGE_CORS_ORIGINS,
    bodyBytesMax: s.EDGE_BODY_BYTES_MAX,
    eventsMax: s.EDGE_EVENTS_MAX,
    inFlightBytesMax: s.EDGE_IN_FLIGHT_BYTES_MAX,
    bodyStallMs: s.EDGE_BODY_STALL_MS,
    flushDelayMs: s.EDGE_FLUSH_DELAY_MS,
    flushBytes: s.EDGE_FLUSH_BYTES,
    tsAgeMsMax: s.EDGE_TS_AGE_DAYS_MAX * 86_400_000,
    tsAheadMsMax: s.EDGE_TS_AHEAD_S_MAX * 1000,
    drainMs: s.EDGE_DRAIN_MS,
    httpEngine: { engine: s.EDGE_HTTP_ENGINE, uwsDir: s.EDGE_UWS_DIR },
    logLevel: s.LOG_LEVEL,
    faultPoint: readFaultPoint(s.ECOMIND_FAULT_POINT),
  }
}

const LOCAL_HOST = '127.0.0.1'

function keyConfigOf(s: z.output<typeof edgeSettings>): { keys: KeyConfig | null; faults: readonly string[] } {
  if (s.ECOMIND_MODE === 'local') {
    if (s.EDGE_HOST === undefined || s.EDGE_HOST === LOCAL_HOST) return { keys: null, faults: [] }
    const fault = 'EDGE_HOST: 127.0.0.1 is wanted in local mode, in which nobody needs a key; see ECOMIND_MODE'
    return { keys: null, faults: [fault] }
  }
  const { ring, faults } = keyRingOf(s)
  if (ring === null) {
    const missing = 'ECOMIND_SECRET_KEYS: production needs them, the same as the serving API has; see docs/deploy.md'
    return { keys: null, faults: faults.length > 0 ? faults : [missing] }
  }
  const controlUrl = s.ECOMIND_CONTROL_URL ?? `http://127.0.0.1:${s.API_PORT}`
  return {
    keys: { ring, controlUrl, dir: join(resolve(s.ECOMIND_DATA_DIR), 'edge'), redisUrl: s.REDIS_URL ?? null },
    faults: [],
  }
}

/** Both processes get the same setting; names of other processes are theirs. */
function readFaultPoint(text: string | undefined): ArmedFaultPoint | null {
  const [name, nth = '1'] = (text ?? '').split(':')
  if (name === undefined || !name.startsWith('edge-')) return null
  const known = EDGE_FAULT_POINTS.find((point) => point === name)
  if (known === undefined || !/^[1-9]\d{0,8}$/.test(nth)) {
    throw new ConfigError([
      `ECOMIND_FAULT_POINT: one of ${EDGE_FAULT_POINTS.join(', ')} is wanted, then a colon and a count`,
    ])
  }
  return { name: known, nth: Number(nth) }
}
