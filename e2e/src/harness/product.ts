/**
 * A real product for a test: real processes on a data directory and ports of its own. Parts are started and killed one
 * by one, as the chaos likes it, or all together by the supervisor of `npm start`. `dispose` ends whatever is left,
 * orphans of a killed supervisor included, and removes the directory.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../../../scripts/src/bench/free-ports.ts'
import { BUNDLE_FLAGS, bundleOf, bundleProcesses, ENTRIES } from '../../../scripts/src/start/bundle.ts'
import { config, inheritedEnvironment } from '../config.ts'
import { isPortFree } from './is-port-free.ts'
import { type Exit, type ManagedProcess, startProcess } from './managed-process.ts'
import { processesWithSetting } from './process-table.ts'
import { waitFor } from './wait-for.ts'

export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

export type PartName = 'edge' | 'core' | 'supervisor'

const SOURCES: Readonly<Record<PartName, string>> = { ...ENTRIES, supervisor: 'scripts/src/start/main.ts' }
/** A start replays the log and opens ClickHouse; on a machine that is busy with other tests that takes its time. */
const READY_WITHIN_MS = 300_000

export interface Part extends ManagedProcess {
  /** Resolves when every address this part answers at is healthy. @throws Error with the end of its log when it dies */
  ready(): Promise<void>
}

export interface StartOptions {
  /** Folder of another version of the code; default: this one. */
  readonly repository?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface Product {
  readonly dataDir: string
  readonly edgeUrl: string
  readonly apiUrl: string
  readonly sqlUrl: string
  readonly ports: { readonly edge: number; readonly api: number; readonly sql: number }
  /** Starts a process and does not wait for it. */
  launch(name: PartName, options?: StartOptions): Promise<Part>
  /** Starts a process and waits until it is healthy. */
  start(name: PartName, options?: StartOptions): Promise<Part>
  /** The running process of this name, or null. */
  running(name: PartName): Part | null
  /** Ends a part as an operator does (SIGTERM) and waits for it. */
  stop(name: PartName): Promise<Exit>
  /** Every line that every process of this product has printed, killed ones included. */
  output(): string
  /** Processes of this product that live now, also those that no test started itself. */
  processes(): Promise<number[]>
  portsAreFree(): Promise<boolean>
  dispose(): Promise<void>
}

export interface ProductOptions {
  /** Settings of every process of this product. */
  readonly env?: Readonly<Record<string, string>>
  /** A directory that is there already, e.g. a copy of another product's; removed by `dispose` as well. */
  readonly dataDir?: string
}

export async function createProduct(options: ProductOptions = {}): Promise<Product> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'ecomind-e2e-')))
  const [edge = 0, api = 0, sql = 0] = await freePorts(3)
  const ports = { edge, api, sql }
  const parts: Part[] = []
  const urls = { edge: url(edge), api: url(api), sql: url(sql) }

  const launch = async (name: PartName, startOptions: StartOptions = {}): Promise<Part> => {
    const { repository = REPOSITORY } = startOptions
    const started = await startProcess({
      name,
      command: process.execPath,
      args: await commandOf(repository, name),
      cwd: repository,
      env: {
        ...inheritedEnvironment(),
        EDGE_PORT: String(edge),
        API_PORT: String(api),
        SQL_PORT: String(sql),
        ...options.env,
        ...startOptions.env,
        ECOMIND_DATA_DIR: dataDir,
      },
    })
    const healthUrls = name === 'edge' ? [urls.edge] : name === 'core' ? [urls.api] : [urls.api, urls.edge]
    const part: Part = { ...started, ready: () => waitReady(started, healthUrls) }
    parts.push(part)
    return part
  }

  const running = (name: PartName): Part | null => parts.findLast((p) => p.name === name && p.exit() === null) ?? null
  const processes = (): Promise<number[]> => processesWithSetting('ECOMIND_DATA_DIR', dataDir)

  return {
    dataDir,
    ports,
    edgeUrl: urls.edge,
    apiUrl: urls.api,
    sqlUrl: urls.sql,
    launch,
    start: async (name, startOptions) => {
      const part = await launch(name, startOptions)
      await part.ready()
      return part
    },
    running,
    stop: async (name) => {
      const part = running(name)
      if (part === null) throw new Error(`stop ${name}: it does not run`)
      part.signal('SIGTERM')
      return await part.exited
    },
    output: () => parts.map((p) => p.output()).join(''),
    processes,
    portsAreFree: async () => (await Promise.all([edge, api, sql].map(isPortFree))).every(Boolean),
    dispose: async () => {
      await Promise.all(parts.map((p) => p.killGroup()))
      await waitFor('the end of every process of the product', () => killAll(processes))
      if (!config.keepData) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** As the supervisor runs it; the supervisor itself, and code of another version, from the sources. */
async function commandOf(repository: string, name: PartName): Promise<string[]> {
  if (name === 'supervisor' || repository !== REPOSITORY) return ['--import', 'tsx', join(repository, SOURCES[name])]
  await bundleProcesses(REPOSITORY)
  return [...BUNDLE_FLAGS, bundleOf(REPOSITORY, name)]
}

/** True when none is left. */
async function killAll(processes: () => Promise<number[]>): Promise<boolean> {
  const left = await processes()
  for (const pid of left) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended between the two calls.
    }
  }
  return left.length === 0
}

function url(port: number): string {
  return `http://127.0.0.1:${port}`
}

async function waitReady(part: ManagedProcess, urls: readonly string[]): Promise<void> {
  const died = (): Error | null => {
    const exit = part.exit()
    if (exit === null) return null
    return new Error(`start ${part.name}: it ended (code ${exit.code}, signal ${exit.signal})\n${tail(part.output())}`)
  }
  for (const address of urls) {
    await waitFor(`${part.name} to be healthy at ${address}`, () => isHealthy(address), {
      timeoutMs: READY_WITHIN_MS,
      abortWhen: died,
    }).catch((error: unknown) => {
      throw part.exit() === null ? new Error(`${String(error)}\n${tail(part.output())}`) : error
    })
  }
}

export async function isHealthy(address: string): Promise<boolean> {
  const answer = await fetch(`${address}/health`, { signal: AbortSignal.timeout(5_000) })
  await answer.arrayBuffer()
  return answer.status === 200
}

export function tail(output: string, lines = 25): string {
  return output.trimEnd().split('\n').slice(-lines).join('\n')
}
