/** Runs loader-process.ts to its end, or to the fault point where it kills itself. */
import { spawn } from 'node:child_process'

const LOADER = new URL('./loader-process.ts', import.meta.url).pathname

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
}

/** The end of what it wrote is kept. `env` overrides the settings of a small, quick loader. */
export function runLoader(dataDir: string, faultPoint: string, env: Record<string, string> = {}): Promise<Exit> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', LOADER], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        ECOMIND_DATA_DIR: dataDir,
        ECOMIND_LOG_PARTITIONS: '2',
        ECOMIND_LOADER_BATCH_EVENTS: '25',
        ECOMIND_LOADER_PAUSE_MS: '0',
        ECOMIND_LOADER_POLL_MS: '20',
        ECOMIND_WATERMARK_PUBLISH_MS: '100',
        ECOMIND_FAULT_POINT: faultPoint,
        LOG_LEVEL: 'warn',
        ...env,
      },
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve({ code, signal, stderr: stderr.slice(-4000) }))
  })
}
