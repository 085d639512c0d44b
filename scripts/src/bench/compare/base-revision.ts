/** Which commit a comparison is made with when none is named: the product before its newest change. */
import { execFileSync } from 'node:child_process'

export interface Revision {
  readonly commit: string
  /** For people: short hash and subject. */
  readonly name: string
}

/** What the product is made of; the rest of the repository is words, tests of tests, or this suite. */
const PRODUCT = [
  'schemas',
  'ingest-edge',
  'event-log',
  'stream-jobs',
  'footprint',
  'clickhouse',
  'serving-api',
  'ui',
  'scripts/src/core',
  'scripts/src/start',
  'package-lock.json',
  ':(exclude)**/*.test.ts',
  ':(exclude)**/*.md',
]

/**
 * With changes of the product that are not committed: the newest commit that changed it. Otherwise the one before that,
 * or HEAD~1. Merges count as one step. @throws Error when git knows no such revision
 */
export function baseRevision(root: string, wanted: string): Revision {
  if (wanted !== '') return describe(root, git(root, 'rev-parse', '--verify', `${wanted}^{commit}`))
  const commits = git(root, 'log', '-2', '--first-parent', '--format=%H', 'HEAD', '--', ...PRODUCT).split('\n')
  const dirty = git(root, 'status', '--porcelain', '--', ...PRODUCT) !== ''
  const chosen = (dirty ? commits[0] : commits[1]) ?? ''
  return describe(root, chosen === '' ? git(root, 'rev-parse', 'HEAD~1') : chosen)
}

function describe(root: string, commit: string): Revision {
  return { commit, name: git(root, 'log', '-1', '--format=%h %s', commit) }
}

export function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    .toString()
    .trim()
}
