/**
 * The whole path on Kafka, everything on this machine: as row 4 of the contract asks, then how it grows with partitions and
 * with jobs. The broker's CPU is counted among that of the product's processes.
 */
import { type KafkaShape, openOnKafka } from './kafka-stage.ts'
import type { BenchOptions } from './options.ts'
import { load, loadPlan } from './product.ts'
import { type Figure, figure } from './report.ts'
import { medianPercentiles } from './statistics.ts'
import { wholePath } from './whole-path.ts'

const PARTITIONS = 4
const ACK = 'acks=all, one broker'
const SINGLE = { batch: 1, connections: 128 }
/** Shares the two cores with the broker, so half of what the edge takes here is far below half of what it takes alone. */
const FIND_RATE_MS = 5000

export async function* benchKafka(options: BenchOptions): AsyncGenerator<Figure> {
  const plain: KafkaShape = { partitions: PARTITIONS, jobs: 1, clickhouse: 'in process' }
  yield* measured(options, plain, 'whole path on Kafka', 60_000)
  yield await ackLatency(options)
  const short = { ...options, seconds: options.kafka.seconds }
  for (const partitions of options.kafka.partitions)
    yield* measured(short, { ...plain, partitions }, `whole path on Kafka, ${partitions} partitions`, null)
  for (const jobs of options.kafka.jobs)
    yield* measured(short, { partitions: 12, jobs, clickhouse: 'over HTTP' }, `whole path on Kafka, ${jobs} jobs`, null)
}

async function* measured(
  options: BenchOptions,
  shape: KafkaShape,
  name: string,
  target: number | null,
): AsyncGenerator<Figure> {
  const run = await wholePath(options, await openOnKafka(shape), null)
  const cpuSeconds = Object.values(run.cost.cpuSeconds).reduce((total, value) => total + value, 0)
  const details = { ack: ACK, ...shape, ...run.details, mostMemory: run.cost.mostMemory }
  yield figure(name, run.events / run.elapsedSeconds, 'events/s', target, details)
  yield figure(`${name}, per CPU-second`, run.events / cpuSeconds, 'events per CPU-second', null, details)
}

/** At half of the rate that the edge takes with nothing but the broker beside it. */
async function ackLatency(options: BenchOptions): Promise<Figure> {
  const { bench, end } = await openOnKafka({ partitions: PARTITIONS, jobs: 0, clickhouse: 'in process' })
  try {
    const found = await load(loadPlan(bench.edgePort, options, { ...SINGLE, durationMs: FIND_RATE_MS }))
    const ratePerSecond = Math.floor((found.accepted * 500) / found.elapsedMs)
    const plan = loadPlan(bench.edgePort, options, {
      ...SINGLE,
      durationMs: options.shortSeconds * 1000,
      ratePerSecond,
    })
    const runs = []
    for (let r = 0; r < options.repeats; r++) runs.push(await load(plan))
    const latencyMs = medianPercentiles(runs.map((run) => run.latency))
    const details = { ack: ACK, ratePerSecond, latencyMs, repeats: runs.map((run) => run.latency.p99) }
    return figure('ack latency p99 at half load, Kafka', latencyMs.p99, 'ms', 60, details)
  } finally {
    await end()
  }
}
