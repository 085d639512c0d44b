/** The settings of the core process: those of the loader, of the API and of the SQL port, read once, all faults at once. */
import { knownPasswordFaults } from '@ecomind/schemas/keys'
import { type ApiConfig, ConfigError as ApiConfigError, readApiConfig } from '@ecomind/serving-api'
import { type LoaderConfig, LoaderConfigError, readLoaderConfig } from '@ecomind/stream-jobs'

export interface CoreConfig {
  readonly loader: LoaderConfig
  readonly api: ApiConfig
  readonly sqlPort: number
  /** Where the page tells people to send a first event. */
  readonly edgePort: number
}

const SQL_PORT_DEFAULT = 8123
const EDGE_PORT_DEFAULT = 8080

/** @throws Error with every fault, one a line */
export function readCoreConfig(env: NodeJS.ProcessEnv): CoreConfig {
  const faults: string[] = [...knownPasswordFaults(env)]
  const loader = attempt(() => readLoaderConfig(env), faults)
  const api = attempt(() => readApiConfig(env), faults)
  const sqlPort = readPort(env, 'SQL_PORT', SQL_PORT_DEFAULT, faults)
  const edgePort = readPort(env, 'EDGE_PORT', EDGE_PORT_DEFAULT, faults)
  if (loader === null || api === null || faults.length > 0) {
    throw new Error(`read the settings of the core:\n${[...new Set(faults)].map((f) => `  ${f}`).join('\n')}`)
  }
  return { loader, api, sqlPort, edgePort }
}

function readPort(env: NodeJS.ProcessEnv, key: string, fallback: number, faults: string[]): number {
  const text = env[key] ?? ''
  const port = text === '' ? fallback : Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    faults.push(`${key}: a whole number from 0 to 65535 is wanted`)
  return port
}

function attempt<T>(read: () => T, faults: string[]): T | null {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof LoaderConfigError || error instanceof ApiConfigError)) throw error
    faults.push(...error.faults)
    return null
  }
}
