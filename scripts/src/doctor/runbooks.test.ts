/** docs/runbooks.md names only what exists: metrics, fields of /health, error codes, settings, documents. */
import { readFileSync } from 'node:fs'
import { ERROR_CODES, QUARANTINE_REASONS } from '@ecomind/schemas'
import { pino } from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { EdgeMetrics } from '../../../ingest-edge/src/metrics.ts'
import { apiMetrics } from '../../../serving-api/src/http/metrics.ts'
import { loaderHealth } from '../../../stream-jobs/src/loader-health.ts'
import { createLoaderMetrics } from '../../../stream-jobs/src/metrics.ts'
import { createPartitionState } from '../../../stream-jobs/src/partition-state.ts'
import { guardRollups } from '../core/guard-rollups.ts'
import { knownSettings } from './check-settings.ts'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const TEXT = read('docs/runbooks.md')
const named = (pattern: RegExp): readonly string[] => [
  ...new Set([...TEXT.matchAll(pattern)].map((match) => match[1] ?? '')),
]

async function metricNames(): Promise<ReadonlySet<string>> {
  const core = new Registry()
  collectDefaultMetrics({ register: core })
  createLoaderMetrics(core)
  apiMetrics(core, () => 0)
  const clickhouse = { query: async () => [], command: async () => undefined } as never
  const loader = { isQuiet: () => false, whileLoadingPaused: () => Promise.reject(new Error('not here')) }
  await guardRollups({ clickhouse, loader, logger: pino({ level: 'silent' }), registry: core })()
  const edge = new EdgeMetrics({ bytesInFlight: () => 0, openRequests: () => 0, bytesUncommitted: () => 0 }).registry
  const metrics = [...core.getMetricsAsArray(), ...edge.getMetricsAsArray()]
  return new Set(metrics.map(({ name }) => name))
}

describe('docs/runbooks.md', () => {
  test('names only metrics that exist, and every gauge of the loader', async () => {
    const existing = await metricNames()
    const used = named(/`((?:ecomind|process)_[a-z_]+)/g)
    expect(used.length).toBeGreaterThan(15)
    expect(used.filter((name) => !existing.has(name))).toEqual([])
    const loader = [...existing].filter((name) => name.startsWith('ecomind_loader_'))
    expect(loader.filter((name) => !used.includes(name))).toEqual([])
  })

  test('names only fields that /health has', () => {
    const health = loaderHealth([{ partition: 0, state: createPartitionState(), unread: null }], 0, null)
    const fields = new Set([...Object.keys(health), ...Object.keys(health.partitions[0] ?? {})])
    const used = named(/`([a-z]+[A-Z][A-Za-z]*)`/g)
    expect(used).toContain('oldestUnreadSeconds')
    expect(used.filter((name) => !fields.has(name))).toEqual([])
  })

  test('names only error codes, reasons and settings that exist', () => {
    const words = named(/`([a-z]+(?:_[a-z]+)+)`/g).filter((word) => !/^(ecomind|process|usage|event|group)_/.test(word))
    const known = new Set([...Object.keys(ERROR_CODES), ...Object.keys(QUARANTINE_REASONS), 'in_flight'])
    expect(words).toContain('log_full')
    expect(words.filter((word) => !known.has(word))).toEqual([])
    const settings = named(/\b((?:ECOMIND|EDGE|API|SQL)_[A-Z_]+)\b/g)
    expect(settings.filter((name) => !knownSettings().has(name))).toEqual([])
  })

  test('every entry says what it looks like and what to do, and is found from the other pages', () => {
    const entries = TEXT.split(/^### /m).slice(1)
    expect(entries.length).toBeGreaterThan(18)
    for (const entry of entries) {
      expect(entry, entry.split('\n', 1)[0]).toMatch(/\*\*Do\*\*|Bring it back/)
    }
    for (const page of ['README.md', 'docs/failure-modes.md']) expect(read(page)).toContain('docs/runbooks.md')
  })
})
