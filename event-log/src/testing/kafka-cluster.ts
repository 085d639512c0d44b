/** A Kafka of a test's own, provisioned by ops/provision/kafka.sh, whose nodes can be killed, stopped and started again. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { pidExists } from '../process-identity.ts'

export interface KafkaCluster {
  readonly brokers: readonly string[]
  pidOf(node: number): Promise<number>
  /** Nodes are counted from 1. SIGKILL, and waits until the process is gone. */
  kill(node: number): Promise<void>
  /** SIGTERM: hands its partitions over first. */
  stop(node: number): Promise<void>
  signal(node: number, signal: 'SIGSTOP' | 'SIGCONT'): Promise<void>
  /** Starts what does not run, on its old data and ports, and waits until it serves. */
  start(): Promise<void>
  /** Stops all and removes the data. */
  remove(): Promise<void>
}

const PROVISION = fileURLToPath(new URL('../../../ops/provision', import.meta.url))
const run = promisify(execFile)

/** Runs one of the provisioning scripts; what it prints, without the line's end. */
export async function provision(script: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(join(PROVISION, script), args, { env: process.env })
  return stdout.trim()
}

export interface ClusterOptions {
  /** Where the data lies; it stays there. Default: a new folder that is removed at the end. */
  readonly dir?: string
  /** Of one node: the port that clients are told to use, where a proxy stands before it. Default: its own. */
  readonly advertise?: number
}

export async function startKafkaCluster(nodes: number, options: ClusterOptions = {}): Promise<KafkaCluster> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'ecomind-kafka-')))
  const advertise = String(options.advertise ?? 0)
  const start = () => provision('kafka.sh', 'start', '--nodes', String(nodes), '--dir', dir, '--advertise', advertise)
  const remove = async () => {
    await provision('kafka.sh', 'stop', '--dir', dir)
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true })
  }
  const pidOf = async (node: number) => Number(await readFile(join(dir, `node-${node}`, 'pid'), 'utf8'))
  const end = async (node: number, signal: 'SIGKILL' | 'SIGTERM') => {
    const pid = await pidOf(node)
    // It may have ended by itself.
    if (pidExists(pid)) process.kill(pid, signal)
    while (pidExists(pid)) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const brokers = await start().catch(async (error: unknown) => {
    await remove()
    throw error
  })
  return {
    brokers: brokers.split(','),
    pidOf,
    kill: (node) => end(node, 'SIGKILL'),
    stop: (node) => end(node, 'SIGTERM'),
    signal: async (node, signal) => {
      process.kill(await pidOf(node), signal)
    },
    start: async () => {
      await start()
    },
    remove,
  }
}
