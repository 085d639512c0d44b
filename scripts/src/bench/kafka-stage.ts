/**
 * The product on a real Kafka of one node, provisioned for the run. With one job ClickHouse is the engine in its process;
 * several jobs share one behind HTTP, in a process of its own, as a server would be.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startFrontProcess } from '@ecomind/clickhouse/testing'
import { createTestTopic } from '@ecomind/event-log/testing/kafka'
import { type KafkaCluster, startKafkaCluster } from '@ecomind/event-log/testing/kafka-cluster'
import type { Child } from '../start/child.ts'
import { freePorts } from './free-ports.ts'
import { type Bench, openBench } from './product.ts'
import type { Stage } from './whole-path.ts'

export interface KafkaShape {
  readonly partitions: number
  readonly jobs: number
  readonly clickhouse: 'in process' | 'over HTTP'
}

type Undo = () => Promise<unknown>

/** @throws Error when Kafka can't be provisioned; the sentence says what is missing */
export async function openOnKafka(shape: KafkaShape): Promise<Stage> {
  const undo: Undo[] = []
  const end = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const cluster = await startKafkaCluster(1)
    undo.push(() => cluster.remove())
    const { settings, pids: own } = await openDatabase(shape, undo)
    const bench = await openBench({ ...settings, env: { ...settings.env, ...(await kafkaSettings(cluster, shape)) } })
    undo.push(() => bench.end())
    const cores: Child[] = []
    for (let job = 1; job <= shape.jobs; job++) cores.push(await startJob(bench, job))
    const edge = await bench.start('edge')
    const broker = await cluster.pidOf(1)
    const jobs = Object.fromEntries(cores.map((child, i) => [`core ${i + 1}`, child.pid]))
    const [core = edge] = cores
    return { bench, parts: { core, edge }, pids: { edge: edge.pid, ...jobs, ...own, broker: () => broker }, end }
  } catch (error) {
    await end()
    throw error
  }
}

async function kafkaSettings(cluster: KafkaCluster, { partitions }: KafkaShape): Promise<NodeJS.ProcessEnv> {
  const { options } = await createTestTopic(cluster.brokers, partitions)
  return {
    KAFKA_BROKERS: options.brokers.join(),
    KAFKA_TOPIC: options.topic,
    ECOMIND_LOG_PARTITIONS: String(partitions),
  }
}

async function openDatabase({ clickhouse }: KafkaShape, undo: Undo[]) {
  if (clickhouse === 'in process') return { settings: {}, pids: {} }
  const dir = mkdtempSync(join(tmpdir(), 'ecomind-bench-clickhouse-'))
  undo.push(async () => rmSync(dir, { recursive: true, force: true }))
  const front = await startFrontProcess(join(dir, 'data'), join(dir, 'spool'))
  undo.push(() => front.close())
  return {
    settings: { env: { CLICKHOUSE_URL: front.url }, sqlUrl: front.sqlUrl },
    pids: { clickhouse: () => front.pid },
  }
}

/** Each job has a data folder of its own: its dedupe index and its control store. */
async function startJob(bench: Bench, job: number): Promise<Child> {
  if (job === 1) return await bench.start('core')
  const [apiPort = 0, sqlPort = 0] = await freePorts(2)
  return await bench.start('core', {
    name: `core-${job}`,
    env: {
      ECOMIND_DATA_DIR: join(bench.dataDir, `job-${job}`),
      API_PORT: String(apiPort),
      SQL_PORT: String(sqlPort),
    },
  })
}
