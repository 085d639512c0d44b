/**
 * One supervised process. States: starting -> running -> (died -> starting ...) -> stopping -> stopped.
 * A process that dies after it was healthy is started again with a growing pause; one that dies before its first
 * health is a fault of settings or data, so the whole start fails with the end of its log. Nothing is started where
 * another process answers already: its health would be taken for the child's. Logs go to a file; the
 * person at the terminal sees progress and trouble only. The child runs in its own process group, so that a Ctrl-C in
 * the terminal reaches the supervisor alone and the order of stopping is ours.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { askTcp } from '../doctor/ask-tcp.ts'
import { BUNDLE_FLAGS } from './bundle.ts'
import { readHealth } from './read-health.ts'

const LOG_BYTES_MAX = 20 * 1024 * 1024
const RESTART_PAUSE_MS_MIN = 250
const RESTART_PAUSE_MS_MAX = 10_000
/** A child that ran this long is taken as sound: the next pause starts small again. */
const SOUND_AFTER_MS = 30_000
/** A child that answers, but has been down for so long, does not come up by itself. */
const DOWN_MS_MAX = 8000
const TAKEN_MS_MAX = 1000

export interface ChildSpec {
  readonly name: string
  /** JavaScript file that Node runs, absolute path. */
  readonly entry: string
  readonly cwd: string
  readonly logFile: string
  readonly env: NodeJS.ProcessEnv
  readonly healthUrl: string
  /** Before each restart, so that code and the data beside it are of one version; when it fails, what is there is run. */
  readonly renew?: () => Promise<unknown>
  readonly say: (line: string) => void
  /** Told the last lines of the log when it ended by itself after it was healthy; default: nobody, they stand in the log. */
  readonly onDeath?: (lastLines: string) => void
  /** How long it may answer that it is down before its start has failed; default 8,000. */
  readonly downMsMax?: number
}

export interface Child {
  /**
   * Resolves when the health address answers 200.
   * @throws Error when the process ends before that, or when another one answered there before it was started
   */
  readonly healthy: Promise<void>
  /** Process id of the present run; 0 before the first. */
  pid(): number
  stop(graceMs: number): Promise<void>
}

export function startChild(spec: ChildSpec): Child {
  let child: ChildProcess | null = null
  let stopping = false
  let everHealthy = false
  let pauseMs = RESTART_PAUSE_MS_MIN
  let exited: Promise<void> = Promise.resolve()
  let restart: NodeJS.Timeout | undefined
  let failStart: (error: Error) => void = () => {}
  const diedEarly = new Promise<never>((_, reject) => {
    failStart = reject
  })
  diedEarly.catch(() => {})

  const launch = () => {
    const startedAt = Date.now()
    const run = spawnLogged(spec)
    child = run.child
    exited = new Promise((done) => {
      run.child.once('exit', (code, signal) => {
        done()
        if (stopping) return
        const how = signal === null ? `code ${code}` : `signal ${signal}`
        if (!everHealthy)
          return failStart(new Error(`${spec.name} ended with ${how}\n${tail(spec.logFile, run.logStart)}`))
        if (Date.now() - startedAt > SOUND_AFTER_MS) pauseMs = RESTART_PAUSE_MS_MIN
        spec.say(`${spec.name} ended with ${how}; starting it again in ${pauseMs} ms (log: ${spec.logFile})`)
        spec.onDeath?.(tail(spec.logFile, run.logStart))
        restart = setTimeout(() => void relaunch(), pauseMs)
        pauseMs = Math.min(pauseMs * 2, RESTART_PAUSE_MS_MAX)
      })
    })
  }
  const relaunch = async () => {
    await spec.renew?.().catch((error: unknown) => spec.say((error as Error).message))
    if (!stopping) launch()
  }
  const start = async () => {
    await refuseTaken(spec)
    if (!stopping) launch()
    await Promise.race([waitHealthy(spec, () => stopping), diedEarly])
    everHealthy = true
  }
  return {
    healthy: start(),
    pid: () => child?.pid ?? 0,
    async stop(graceMs) {
      stopping = true
      clearTimeout(restart)
      child?.kill('SIGTERM')
      const timer = setTimeout(() => child?.kill('SIGKILL'), graceMs)
      await exited
      clearTimeout(timer)
    },
  }
}

/** @throws Error when somebody listens where the child is to answer */
async function refuseTaken({ name, healthUrl }: ChildSpec): Promise<void> {
  const { hostname, port } = new URL(healthUrl)
  const listens = await askTcp({
    host: hostname,
    port: Number(port),
    send: new Uint8Array(),
    isWhole: () => true,
    withinMs: TAKEN_MS_MAX,
  }).then(
    () => true,
    () => false,
  )
  if (listens)
    throw new Error(
      `start ${name}: another process answers at ${healthUrl} already; stop it, or set another port for ${name}`,
    )
}

/** `logStart`: where in the log file this run begins; what stands before it is of earlier runs. */
function spawnLogged(spec: ChildSpec): { readonly child: ChildProcess; readonly logStart: number } {
  mkdirSync(dirname(spec.logFile), { recursive: true })
  if (existsSync(spec.logFile) && statSync(spec.logFile).size > LOG_BYTES_MAX) {
    renameSync(spec.logFile, `${spec.logFile}.1`)
  }
  const log = openSync(spec.logFile, 'a')
  const logStart = fstatSync(log).size
  const child = spawn(process.execPath, [...BUNDLE_FLAGS, spec.entry], {
    cwd: spec.cwd,
    // A running ClickHouse statement holds a thread of libuv's pool (default 4), which files and LMDB share.
    env: { UV_THREADPOOL_SIZE: '12', ...spec.env },
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  child.on('message', (message) => {
    if (isProgress(message)) spec.say(`${spec.name}: ${message.progress}`)
  })
  return { child, logStart }
}

function isProgress(message: unknown): message is { progress: string } {
  return typeof message === 'object' && message !== null && 'progress' in message
}

/** @throws Error with what the part says of itself when it stays down: a start that waits for ever tells nobody why */
async function waitHealthy(spec: ChildSpec, gaveUp: () => boolean): Promise<void> {
  let downSince: number | null = null
  while (!gaveUp()) {
    const health = await readHealth(spec.healthUrl, 2000)
    if (health?.ok === true) return
    if (health === null) downSince = null
    else downSince ??= Date.now()
    if (health !== null && downSince !== null && Date.now() - downSince > (spec.downMsMax ?? DOWN_MS_MAX)) {
      throw new Error(`start ${spec.name}: ${health.trouble} (log: ${spec.logFile})`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`start ${spec.name}: it was stopped before it was healthy`)
}

function tail(file: string, from: number): string {
  try {
    return readFileSync(file).subarray(from).toString('utf8').trimEnd().split('\n').slice(-15).join('\n')
  } catch {
    return '(no log)'
  }
}
