/** What must be true before anything is started: better one clear sentence now than a half-started product. */
import { accessSync, constants, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import type { StartSettings } from './settings.ts'

/** @throws Error that says what is wrong and how to mend it */
export async function preflight(settings: StartSettings): Promise<void> {
  checkNode(process.versions.node)
  checkDataDir(settings.dataDir)
  await checkPort('EDGE_PORT', settings.edgePort)
  await checkPort('API_PORT', settings.apiPort)
  await checkPort('SQL_PORT', settings.sqlPort)
}

function checkNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const fits = (major === 20 && minor >= 19) || major >= 22
  if (!fits) throw new Error(`start: Node ${version} is too old, 20.19 or newer is wanted`)
}

function checkDataDir(dir: string): void {
  try {
    // User ids stand in there: nobody else of this machine needs to read them.
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new Error(`start: ECOMIND_DATA_DIR ${dir} can't be written: ${(error as Error).message}`)
  }
}

function checkPort(name: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'something listens there already' : error.message
      reject(new Error(`start: port ${port} can't be used: ${why}; stop it, or set ${name} to another port`))
    })
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve()))
  })
}
