/** The runtime, and which HTTP engine the edge gets on it. */
import { loadUws } from '@ecomind/ingest-edge/load-uws'
import { type Finding, fault, ok, warning } from './finding.ts'

const VERSION_MIN = [20, 19] as const

export function nodeFinding(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const fits = major > VERSION_MIN[0] || (major === VERSION_MIN[0] && minor >= VERSION_MIN[1])
  if (!fits) return fault('Node', `version ${version}`, `install Node ${VERSION_MIN.join('.')}, 22 or 24`)
  return ok('Node', `version ${version}, ${process.platform} ${process.arch}`)
}

export function engineFinding(env: NodeJS.ProcessEnv): Finding {
  const engine = env['EDGE_HTTP_ENGINE'] === 'javascript' ? 'javascript' : 'auto'
  const loaded = loadUws({ engine, uwsDir: env['EDGE_UWS_DIR'] || undefined })
  if (loaded.warning === null) return ok('HTTP engine of the edge', loaded.name)
  const [why = '', ...rest] = loaded.warning.split('. ')
  return warning('HTTP engine of the edge', `javascript; ${why}`, rest.join('. '))
}
