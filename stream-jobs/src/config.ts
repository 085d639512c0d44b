/** The settings of the loader, read once from the environment; nobody else in this package touches it. */
import { join, resolve } from 'node:path'
import type { HttpTarget } from '@ecomind/clickhouse'
import { type KafkaTarget, kafkaSettings, kafkaTarget } from '@ecomind/event-log'
import { USAGE_TOPIC } from '@ecomind/schemas'
import { type RegistryTarget, registrySettings, registryTarget } from '@ecomind/schemas/registry'
import { z } from 'zod'
import { RETENTION_DAYS_MIN } from './arrival-day.ts'
import { clickhouseSettings, readServer } from './clickhouse-settings.ts'
import { type ArmedFault, FAULT_POINTS, parseArmedFault } from './fault-points.ts'
import type { LoaderSettings } from './partition-context.ts'
import { wholeNumber } from './whole-number.ts'

/** Every key with its unit, bounds, default and a sentence. */
export const loaderSettings = z.object({
  ECOMIND_DATA_DIR: z.string().min(1).default('./data').describe('folder of the embedded stores'),
  ECOMIND_LOG_PARTITIONS: wholeNumber(1, 1024, 2).describe(
    'partitions, 1 to 1024: fixed when the log is created, the same for the edge and the core; of a Kafka topic, too',
  ),
  ECOMIND_LOG_MAX_BYTES: wholeNumber(1_048_576, 1_099_511_627_776, 8_589_934_592).describe(
    'bytes, 1 MiB to 1 TiB: what the embedded log keeps before the edge answers log_full',
  ),
  ECOMIND_LOADER_BATCH_EVENTS: wholeNumber(1, 1_000_000, 131_072).describe(
    'events, 1 to 1000000: most in one insert; more cost less each and take more memory and time till they are seen',
  ),
  ECOMIND_LOADER_BATCH_BYTES: wholeNumber(1024, 1_073_741_824, 33_554_432).describe(
    'bytes, 1 KiB to 1 GiB: most log records of one partition held at one time',
  ),
  ECOMIND_LOADER_PAUSE_MS: wholeNumber(0, 60_000, 250).describe(
    'milliseconds, 0 to 60000: pause behind an insert that was not full; longer makes fewer and larger parts, shorter shows events sooner',
  ),
  ECOMIND_LOADER_POLL_MS: wholeNumber(10, 60_000, 1_000).describe(
    'milliseconds, 10 to 60000: how long a read waits for a first record; also how often an idle watermark moves',
  ),
  ECOMIND_LOADER_RETRY_MS: wholeNumber(10, 60_000, 100).describe(
    'milliseconds, 10 to 60000: first pause after a refusal of the database; it doubles each time',
  ),
  ECOMIND_LOADER_RETRY_MS_MAX: wholeNumber(10, 600_000, 10_000).describe(
    'milliseconds, 10 to 600000: longest pause after a refusal',
  ),
  ECOMIND_LOADER_STOP_MS: wholeNumber(0, 600_000, 10_000).describe(
    'milliseconds, 0 to 600000: how long stopping waits for batches under way; the next start redoes the rest',
  ),
  ECOMIND_DEDUPE_DAYS: wholeNumber(RETENTION_DAYS_MIN, 365, RETENTION_DAYS_MIN).describe(
    'days of arrival, 35 to 365: how long an event id is honoured; the index takes about 60 bytes an event',
  ),
  ECOMIND_WATERMARK_BOUND_MS: wholeNumber(0, 86_400_000, 60_000).describe(
    'milliseconds, 0 to a day: how far events may come out of order and still be in time',
  ),
  ECOMIND_WATERMARK_FUTURE_MS: wholeNumber(0, 86_400_000, 300_000).describe(
    'milliseconds, 0 to a day: an event further ahead of its arrival does not move the watermark',
  ),
  ECOMIND_WATERMARK_PUBLISH_MS: wholeNumber(100, 600_000, 5_000).describe(
    'milliseconds, 100 to 600000: pause between two rows in the table watermarks',
  ),
  ECOMIND_TOKEN_TRUST_MS: wholeNumber(0, 86_400_000, 600_000).describe(
    'milliseconds, 0 to a day: an open intent older than this is compared row by row instead of trusting its token',
  ),
  ECOMIND_FAULT_POINT: z.string().optional().describe('tests only: name:nth of a place where the process kills itself'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('pino level'),
  ...kafkaSettings,
  ...registrySettings,
  ...clickhouseSettings,
})

export interface LoaderConfig {
  readonly dataDir: string
  readonly logDir: string
  readonly logPartitions: number
  readonly logBytesMax: number
  readonly dedupeDir: string
  /** Null: the embedded log. */
  readonly kafka: KafkaTarget | null
  /** Null: schema ids of the schemas folder. */
  readonly registry: RegistryTarget | null
  /** Folder of the schemas that a registry gave. */
  readonly schemasDir: string
  /** Null: ClickHouse in this process. */
  readonly server: HttpTarget | null
  readonly loader: LoaderSettings
  readonly fault: ArmedFault | null
  readonly logLevel: string
}

/** All faults of the settings in one error, one a line. */
export class LoaderConfigError extends Error {
  override readonly name = 'LoaderConfigError'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(`read the settings of the loader:\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
    this.faults = faults
  }
}

/** @throws LoaderConfigError with every fault, not only the first */
export function readLoaderConfig(env: Readonly<Record<string, string | undefined>> = process.env): LoaderConfig {
  const given = Object.fromEntries(
    Object.keys(loaderSettings.shape).flatMap((key) =>
      env[key] === undefined || env[key] === '' ? [] : [[key, env[key]]],
    ),
  )
  const parsed = loaderSettings.safeParse(given)
  const faultText = env['ECOMIND_FAULT_POINT']
  const faults = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  faults.push(...faultPointFaults(faultText))
  const server = parsed.success ? readServer(parsed.data, faults) : null
  if (!parsed.success || faults.length > 0) throw new LoaderConfigError(faults)
  const s = parsed.data
  const { kafka, faults: kafkaFaults } = kafkaTarget(s, USAGE_TOPIC)
  const { registry, faults: registryFaults } = registryTarget(s, kafka?.topic ?? null)
  const storeFaults = [...kafkaFaults, ...registryFaults]
  if (storeFaults.length > 0) throw new LoaderConfigError(storeFaults)
  const dataDir = resolve(s.ECOMIND_DATA_DIR)
  return {
    dataDir,
    logDir: join(dataDir, 'log'),
    logPartitions: s.ECOMIND_LOG_PARTITIONS,
    logBytesMax: s.ECOMIND_LOG_MAX_BYTES,
    dedupeDir: join(dataDir, 'dedupe'),
    kafka,
    registry,
    schemasDir: join(dataDir, 'schemas'),
    server,
    loader: loaderRules(s),
    fault: faultText === undefined ? null : parseArmedFault(faultText),
    logLevel: s.LOG_LEVEL,
  }
}

/** Long enough for the partitions that one outage refused to come through together. */
const COMPARE_AFTER_MS = 1_000

function loaderRules(s: z.output<typeof loaderSettings>): LoaderSettings {
  return {
    batch: { eventsMax: s.ECOMIND_LOADER_BATCH_EVENTS, bytesMax: s.ECOMIND_LOADER_BATCH_BYTES },
    insertPauseMs: s.ECOMIND_LOADER_PAUSE_MS,
    pollMs: s.ECOMIND_LOADER_POLL_MS,
    retentionDays: s.ECOMIND_DEDUPE_DAYS,
    watermark: { boundMs: s.ECOMIND_WATERMARK_BOUND_MS, futureGuardMs: s.ECOMIND_WATERMARK_FUTURE_MS },
    publishEveryMs: s.ECOMIND_WATERMARK_PUBLISH_MS,
    retryFirstMs: s.ECOMIND_LOADER_RETRY_MS,
    retryMostMs: s.ECOMIND_LOADER_RETRY_MS_MAX,
    stopWithinMs: s.ECOMIND_LOADER_STOP_MS,
    tokenTrustMs: s.ECOMIND_TOKEN_TRUST_MS,
    compareAfterMs: COMPARE_AFTER_MS,
  }
}

/** Every process gets the same setting; the names of the edge begin with `edge-` and are its own. */
function faultPointFaults(text: string | undefined): string[] {
  if (text === undefined || text === '' || text.startsWith('edge-') || parseArmedFault(text) !== null) return []
  return [`ECOMIND_FAULT_POINT: one of ${FAULT_POINTS.join(', ')} is wanted, with :n for the n-th passage`]
}
