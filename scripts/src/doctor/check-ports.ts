/** Each port is free, or our own part answers there. */
import { createServer } from 'node:net'
import { readHealth } from '../start/read-health.ts'
import { type Finding, fault, ok, warning } from './finding.ts'

export interface PortQuestion {
  readonly setting: string
  readonly port: number
  /** How our part answers there, so that it is told from a stranger. */
  readonly speaks: 'health' | 'ping'
}

const ANSWER_MS_MAX = 2_000

export async function portFinding({ setting, port, speaks }: PortQuestion): Promise<Finding> {
  const name = `port ${setting}`
  const trouble = await tryListen(port)
  if (trouble === null) return ok(name, `${port} is free`)
  if (trouble !== 'EADDRINUSE') {
    return fault(name, `${port} can't be used: ${trouble}`, `set ${setting} to another port`)
  }
  if (speaks === 'ping') return await pingFinding(name, setting, port)
  const health = await readHealth(`http://127.0.0.1:${port}/health`, ANSWER_MS_MAX)
  if (health === null) return stranger(name, setting, port)
  if (health.trouble === '') return ok(name, `${port} answers, all is well there`)
  const said = `${port} answers: ${health.trouble}`
  const mend = 'see docs/runbooks.md for that state'
  return health.ok ? warning(name, said, mend) : fault(name, said, mend)
}

/** ClickHouse's HTTP interface says `Ok.` there. */
async function pingFinding(name: string, setting: string, port: number): Promise<Finding> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/ping`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) })
    if ((await answer.text()).startsWith('Ok.')) return ok(name, `${port} answers`)
  } catch {
    // Told below.
  }
  return stranger(name, setting, port)
}

function stranger(name: string, setting: string, port: number): Finding {
  const mend = `stop it, or set ${setting} to another port`
  return fault(name, `something that is not Ecomind listens on ${port}`, mend)
}

/** Null when the port is free; else the system's code. */
function tryListen(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(null)))
  })
}
