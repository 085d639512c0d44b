/** Which checks the settings call for, in the order of the data flow. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { USAGE_TOPIC } from '@ecomind/schemas'
import { registryOf } from '@ecomind/schemas/registry'
import { serverOf } from '@ecomind/stream-jobs'
import { readHealth } from '../start/read-health.ts'
import { clickhouseFindings } from './check-clickhouse.ts'
import { dataDirFindings } from './check-data-dir.ts'
import { databaseFindings } from './check-database.ts'
import { kafkaFindings } from './check-kafka.ts'
import { logFinding } from './check-log.ts'
import { engineFinding, nodeFinding } from './check-node.ts'
import { portFinding } from './check-ports.ts'
import { redisFindings } from './check-redis.ts'
import { registryFindings } from './check-registry.ts'
import { secretsFindings } from './check-secrets.ts'
import { securedKafka, securedKafkaFindings } from './check-secured-kafka.ts'
import { settingsFindings } from './check-settings.ts'
import { type Check, ok } from './finding.ts'

/** How long one server has for one answer. */
const ANSWER_MS_MAX = 3_000
/** With one of these a broker need not answer a plain question. */
const SECURED = ['KAFKA_TLS', 'KAFKA_CA_FILE', 'KAFKA_SASL_MECHANISM'] as const

/** Faulty settings are told by the check of settings; here their defaults stand in, so that the rest is checked too. */
export function checksFor(env: NodeJS.ProcessEnv, root: string): readonly Check[] {
  const set = (name: string) => env[name] || null
  const whole = (name: string, fallback: number) => (/^\d{1,15}$/.test(env[name] ?? '') ? Number(env[name]) : fallback)
  const dataDir = resolve(root, set('ECOMIND_DATA_DIR') ?? './data')
  const partitions = whole('ECOMIND_LOG_PARTITIONS', 2)
  const maxBytes = whole('ECOMIND_LOG_MAX_BYTES', 8 * 2 ** 30)
  const apiPort = whole('API_PORT', 8000)
  const brokers = set('KAFKA_BROKERS')
  const clickhouseUrl = set('CLICKHOUSE_URL')
  const databaseUrl = set('DATABASE_URL')
  const registry = registryOf(env, set('KAFKA_TOPIC') ?? USAGE_TOPIC)
  const redisUrl = set('REDIS_URL')
  const one = (name: string, run: () => Promise<Awaited<ReturnType<Check['run']>>[number]>): Check => {
    return { name, run: async () => [await run()] }
  }
  const withinMs = ANSWER_MS_MAX
  return [
    { name: 'settings', run: async () => settingsFindings(env, root) },
    { name: 'secrets', run: async () => secretsFindings(env) },
    one('Node', async () => nodeFinding()),
    one('HTTP engine of the edge', async () => engineFinding(env)),
    { name: 'data folder', run: () => dataDirFindings(dataDir, brokers === null ? maxBytes : 0) },
    ...portChecks({ EDGE_PORT: whole('EDGE_PORT', 8080), API_PORT: apiPort, SQL_PORT: whole('SQL_PORT', 8123) }),
    brokers === null
      ? one('embedded log', () => logFinding({ dir: join(dataDir, 'log'), partitions, maxBytes }))
      : {
          name: 'Kafka',
          run: async () => {
            const secured = securedKafka(env)
            const topic = set('KAFKA_TOPIC') ?? USAGE_TOPIC
            const list = brokers.split(',').map((broker) => broker.trim())
            const isSecured = SECURED.some((name) => set(name) !== null)
            const reached = await kafkaFindings({ brokers: list, topic, partitions, secured: isSecured, withinMs })
            if (secured === null) return reached
            return [...reached, ...(await securedKafkaFindings({ kafka: secured, partitions, withinMs }))]
          },
        },
    ...(registry === null ? [] : [{ name: 'schema registry', run: () => registryFindings(registry, withinMs) }]),
    { name: 'ClickHouse', run: () => checkClickhouse(clickhouseUrl, env, dataDir, apiPort) },
    {
      name: 'control store',
      run: () =>
        databaseFindings(
          databaseUrl === null
            ? { kind: 'pglite', folder: join(dataDir, 'control') }
            : { kind: 'postgres', url: databaseUrl },
          withinMs,
        ),
    },
    ...(redisUrl === null ? [] : [{ name: 'Redis', run: () => redisFindings(redisUrl, withinMs) }]),
  ]
}

/** A number that is no port is told by the check of settings. */
function portChecks(ports: Readonly<Record<'EDGE_PORT' | 'API_PORT' | 'SQL_PORT', number>>): readonly Check[] {
  return (['EDGE_PORT', 'API_PORT', 'SQL_PORT'] as const)
    .filter((setting) => ports[setting] >= 1 && ports[setting] <= 65_535)
    .map((setting) => {
      const question = { setting, port: ports[setting], speaks: setting === 'SQL_PORT' ? 'ping' : 'health' } as const
      return { name: `port ${setting}`, run: async () => [await portFinding(question)] }
    })
}

/** The engine in process has one owner: beside a running core, its own /health is what can be asked. */
async function checkClickhouse(url: string | null, env: NodeJS.ProcessEnv, dataDir: string, apiPort: number) {
  if (url !== null) {
    return await clickhouseFindings(serverOf(env) ?? { kind: 'http', url })
  }
  const folder = join(dataDir, 'clickhouse')
  const running = await readHealth(`http://127.0.0.1:${apiPort}/health`, ANSWER_MS_MAX)
  if (running !== null) return [ok('ClickHouse', 'in process; the core runs and tells its state under API_PORT')]
  if (!existsSync(folder)) return [ok('ClickHouse', 'in process, made at the first start')]
  return await clickhouseFindings({ kind: 'embedded', dataDir: folder, spoolDir: join(dataDir, 'spool') })
}
