/** Starts, arms and ends test-processes/front-process.ts. */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Arming } from './front-faults.ts'

const FRONT = new URL('../test-processes/front-process.ts', import.meta.url).pathname

export interface FrontProcess {
  readonly pid: number
  readonly url: string
  readonly port: number
  /** The analysts' SQL port over the same engine. */
  readonly sqlUrl: string
  arm(arming: Arming | null): Promise<void>
  struck(): Promise<number>
  /** Resolves when the process is gone, however it ended. */
  readonly exited: Promise<NodeJS.Signals | null>
  /** Ends it in order, so that the data folder can be opened by others. */
  close(): Promise<void>
  kill(): Promise<void>
}

/** @param cluster makes it a cluster of one shard of this name, without the analysts' port */
export async function startFrontProcess(dataDir: string, spoolDir: string, cluster?: string): Promise<FrontProcess> {
  const given = [dataDir, spoolDir, ...(cluster === undefined ? [] : [cluster])]
  const child = spawn(process.execPath, ['--import', 'tsx', FRONT, ...given], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exited = new Promise<NodeJS.Signals | null>((resolve) => child.on('exit', (_, signal) => resolve(signal)))
  const { url, sqlUrl } = await answerOf<{ url: string; sqlUrl: string }>(child, 'url', exited)
  const ask = async (): Promise<number> => {
    const answer = answerOf<{ struck: number }>(child, 'struck', exited)
    child.send({ struck: true })
    return (await answer).struck
  }
  return {
    pid: child.pid ?? 0,
    url,
    port: Number(new URL(url).port),
    sqlUrl,
    exited,
    async arm(arming) {
      child.send({ arm: arming })
      // Messages keep their order: once this is answered, the other was read.
      await ask()
    },
    struck: ask,
    async close() {
      if (child.connected) child.send({ close: true })
      await exited
    },
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

function answerOf<T>(child: ChildProcess, key: string, exited: Promise<unknown>): Promise<T> {
  return new Promise((resolve, reject) => {
    const listen = (message: object): void => {
      if (!(key in message)) return
      child.off('message', listen)
      resolve(message as T)
    }
    child.on('message', listen)
    void exited.then(() => reject(new Error(`ask a front process: it is gone before it gave its ${key}`)))
  })
}
