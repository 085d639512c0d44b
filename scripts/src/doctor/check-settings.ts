/** Every process's own check of its settings, and names that look like ours and are not. */

import { ConfigError as EdgeConfigError, edgeSettings, readEdgeConfig } from '@ecomind/ingest-edge'
import { ConfigError as ApiConfigError, apiSettings, readApiConfig } from '@ecomind/serving-api'
import { LoaderConfigError, loaderSettings, readLoaderConfig } from '@ecomind/stream-jobs'
import { readStartSettings } from '../start/settings.ts'
import { type Finding, fault, ok, warning } from './finding.ts'

const OURS = /^(ECOMIND|EDGE|API|SQL|KAFKA|CLICKHOUSE|SCHEMA_REGISTRY|REDIS|DATABASE)_/
/** Settings that no service reads itself: of the supervisor, of tests and scripts, and of the contract's later parts. */
const ELSEWHERE = [
  'SQL_PORT',
  'REDIS_URL',
  'ECOMIND_SECRET_KEYS',
  'ECOMIND_INIT_ORG_ID',
  'ECOMIND_INIT_OWNER_EMAIL',
  'ECOMIND_INIT_OWNER_PASSWORD',
  'ECOMIND_INIT_ADMIN_KEY',
  'ECOMIND_PROVISION_DIR',
  'KAFKA_REPLICATION_FACTOR',
  'KAFKA_MIN_INSYNC_REPLICAS',
  'KAFKA_RETENTION_HOURS',
  'KAFKA_HEAP_MB',
] as const
/** Prefixes under which others name their settings too, so nothing can be said of an unknown name. */
const OPEN = /^(ECOMIND_TEST_|ECOMIND_BENCH_|KAFKA_TEST_|API_|REDIS_|DATABASE_)/

/** Every name that some part of the product reads. */
export function knownSettings(): ReadonlySet<string> {
  const shapes = [edgeSettings.shape, loaderSettings.shape, apiSettings.shape]
  return new Set([...shapes.flatMap((shape) => Object.keys(shape)), ...ELSEWHERE])
}

export function settingsFindings(env: NodeJS.ProcessEnv, root: string): readonly Finding[] {
  const faults = firstOfEach([
    ...faultsOf(() => readEdgeConfig(env)),
    ...faultsOf(() => readLoaderConfig(env)),
    ...faultsOf(() => readApiConfig(env)),
    ...faultsOf(() => readStartSettings(env, root)),
  ])
  const findings = faults.map((text, i) =>
    fault(`settings${faults.length > 1 ? ` (${i + 1})` : ''}`, text, 'set what the message wants, or unset it'),
  )
  const known = knownSettings()
  const unknown = Object.keys(env).filter((name) => OURS.test(name) && !OPEN.test(name) && !known.has(name))
  for (const name of unknown.sort()) {
    findings.push(warning(`setting ${name}`, 'nobody reads it', `remove it, or mend its name${likely(name, known)}`))
  }
  return findings.length > 0 ? findings : [ok('settings', 'valid for the edge, the loader and the API')]
}

/** Several parts read the same setting and say the same of it, each in its words. */
function firstOfEach(faults: readonly string[]): readonly string[] {
  const settingOf = (text: string) => text.split(':', 1)[0]
  return faults.filter((text, i) => faults.findIndex((other) => settingOf(other) === settingOf(text)) === i)
}

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read()
    return []
  } catch (error) {
    const told =
      error instanceof EdgeConfigError || error instanceof LoaderConfigError || error instanceof ApiConfigError
    if (told) return error.faults
    // The supervisor's: a head, then a fault a line, indented.
    const lines = (error as Error).message.split('\n')
    return lines.length === 1 ? lines : lines.slice(1).map((line) => line.trim())
  }
}

/** The known name that shares the longest beginning, when it is most of the name. */
function likely(name: string, known: ReadonlySet<string>): string {
  const shared = (other: string) => [...other].findIndex((letter, i) => letter !== name[i])
  const length = (other: string) => (shared(other) < 0 ? other.length : shared(other))
  const best = [...known].sort((a, b) => length(b) - length(a))[0]
  return best !== undefined && length(best) >= name.length * 0.6 ? `; ${best} is meant?` : ''
}
