/**
 * Several edges and jobs as they run behind a balancer: each a process with a data folder of its own, all of them on one
 * topic, one ClickHouse server (a front over the engine in a process of its own) and one PostgreSQL.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FrontProcess, openTcpProxy, startFrontProcess, type TcpProxy } from '@ecomind/clickhouse/testing'
import { createTestTopic, type TestTopic } from '@ecomind/event-log/testing/kafka'
import { createLedger, type Ledger } from './ledger.ts'
import { type Postgres, startPostgres } from './postgres.ts'
import { createProduct, type Part, type Product, type StartOptions, tail } from './product.ts'
import { createRandom, type Random } from './random.ts'
import { startTraffic, type Traffic } from './traffic.ts'

/** Starts and rebalances take long on a small machine; events that come meanwhile only make the oracle's work longer. */
const CLIENT_PAUSE_MS_MAX = 250
const DAYS_BACK = 8

export type Role = 'edge' | 'core'

export interface FleetOptions {
  readonly brokers: readonly string[]
  readonly seed: number
  readonly partitions?: number
  readonly replicas?: number
  /** Kafka's settings of the topic. */
  readonly topic?: Readonly<Record<string, string>>
  /** Settings of every process. */
  readonly env?: Readonly<Record<string, string>>
  /** Events of the clients are this old at least, in milliseconds: for clocks that are behind. */
  readonly clientsBehindMs?: number
}

export interface Fleet {
  readonly ledger: Ledger
  readonly random: Random
  readonly proxy: TcpProxy
  readonly topic: TestTopic
  readonly postgres: Postgres
  /** The members of a role whose process runs, oldest first. */
  running(role: Role): readonly Product[]
  /** A new member with an empty data folder. */
  add(role: Role, options?: StartOptions): Promise<Product>
  /** Starts the process of a member, as `add` did. */
  start(member: Product, role: Role, options?: StartOptions): Promise<Part>
  stop(member: Product, role: Role): Promise<void>
  /** Ends the ClickHouse server and starts it again on its data. */
  restartFront(how: 'close' | 'kill'): Promise<void>
  sqlUrl(): string
  startClients(clients?: number): Traffic
  output(): string
  dispose(): Promise<void>
}

export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), 'ecomind-fleet-'))
  const postgres = await startPostgres()
  const startFront = (): Promise<FrontProcess> => startFrontProcess(join(folder, 'data'), join(folder, 'spool'))
  let front = await startFront()
  const proxy = await openTcpProxy(front.port)
  const partitions = options.partitions ?? 4
  const topic = await createTestTopic(options.brokers, partitions, options.topic, options.replicas)
  const members: Product[] = []
  const ledger = createLedger()
  const random = createRandom(options.seed)
  const env = {
    KAFKA_BROKERS: options.brokers.join(),
    KAFKA_TOPIC: topic.options.topic,
    KAFKA_SESSION_MS: '1500',
    ECOMIND_LOG_PARTITIONS: String(partitions),
    CLICKHOUSE_URL: `http://127.0.0.1:${proxy.port}`,
    CLICKHOUSE_REQUEST_MS: '10000',
    DATABASE_URL: postgres.url,
    ...options.env,
  }
  const running = (role: Role) => members.filter((member) => member.running(role) !== null)
  let turn = 0

  return {
    ledger,
    random,
    proxy,
    topic,
    postgres,
    running,
    add: async (role, startOptions) => {
      const member = await createProduct({ env })
      members.push(member)
      await member.start(role, startOptions)
      return member
    },
    start: (member, role, startOptions) => member.start(role, startOptions),
    stop: async (member, role) => {
      const exit = await member.stop(role)
      if (exit.code !== 0) throw new Error(`stop the ${role}: ${JSON.stringify(exit)}\n${tail(member.output())}`)
    },
    restartFront: async (how) => {
      await front[how]()
      front = await startFront()
      proxy.target(front.port)
    },
    sqlUrl: () => front.sqlUrl,
    startClients: (clients = 3) =>
      startTraffic({
        edgeUrl: () => {
          const edges = running('edge')
          // Without an edge the last one's address refuses, as a balancer would.
          return (edges[turn++ % Math.max(1, edges.length)] ?? members[0])?.edgeUrl ?? ''
        },
        ledger,
        random: random.fork('traffic'),
        clients,
        nowMs: Date.now() - (options.clientsBehindMs ?? 0),
        pauseMsMax: CLIENT_PAUSE_MS_MAX,
        daysBack: DAYS_BACK,
      }),
    output: () => members.map((member) => member.output()).join(''),
    dispose: async () => {
      await Promise.all(members.map((member) => member.dispose()))
      await proxy.close()
      await front.close()
      await postgres.remove()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
