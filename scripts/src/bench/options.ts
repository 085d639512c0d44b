/** The options of `npm run bench`, read once. The defaults measure what contract section 8 names; `scale` alone is small by default. */

import { homedir, platform } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { IdForm } from './load/load-plan.ts'

export interface BenchOptions {
  readonly only: readonly string[]
  /** Null: no comparison. Empty text: with the commit that compare/base-revision.ts chooses. */
  readonly compare: string | null
  readonly repeats: number
  /** Of the whole path. */
  readonly seconds: number
  /** Of each short run. */
  readonly shortSeconds: number
  readonly ids: IdForm
  readonly users: number
  readonly models: number
  /** Of the step benchmarks, of recovery and of disk. */
  readonly events: number
  /** Raw events behind the dashboard questions. */
  readonly rows: number
  readonly cacheDir: string
  readonly kafka: {
    readonly partitions: readonly number[]
    readonly jobs: readonly number[]
    /** Of each run with a database of its own. */
    readonly seconds: number
  }
  readonly recomputationEvents: number
  readonly whatifEvents: number
  readonly scale: {
    readonly rows: readonly number[]
    readonly ids: readonly number[]
    readonly users: readonly number[]
    readonly orgs: readonly number[]
    readonly models: readonly number[]
    readonly seconds: number
    readonly events: number
  }
}

const text = (value: string) => ({ type: 'string', default: value }) as const

const OPTIONS = {
  only: text(
    'edge,log,loader-steps,whole-path,whole-path-kills,freshness,recovery,memory,disk,queries,whatif,recomputation,clone',
  ),
  repeats: text('3'),
  seconds: text('60'),
  'short-seconds': text('5'),
  ids: text('uuid'),
  users: text('2000'),
  models: text('4'),
  events: text('1000000'),
  rows: text('100000000'),
  'cache-dir': text(defaultCacheDir()),
  'kafka-partitions': text('4,16,64'),
  'kafka-jobs': text('1,2,3'),
  'kafka-seconds': text('20'),
  'recomputation-events': text('10000000'),
  'whatif-events': text('100000000'),
  'scale-rows': text('100000,1000000'),
  'scale-ids': text('100000,1000000'),
  'scale-users': text('1,1000,100000'),
  'scale-orgs': text('1,1000,10000'),
  'scale-models': text('1,100'),
  'scale-seconds': text('5'),
  'scale-events': text('500000'),
} as const

/** What `--help` prints: each option with its default. */
export function usage(figures: readonly string[]): string {
  const lines = Object.entries(OPTIONS).map(([name, { default: value }]) => `  --${name} ${value}`)
  return [
    'npm run bench -- [options]: one JSON line a figure; docs/benchmarks.md says how it is measured',
    ...lines,
    '  --compare [REV]  in turns with that commit; without REV with the newest one that differs in the product',
    `figures of --only: ${figures.join(', ')}`,
    '',
  ].join('\n')
}

/** @throws Error that says what is wanted */
export function readOptions(args: readonly string[], figures: readonly string[]): BenchOptions {
  const { rest, compare } = takeCompare(args)
  const { values } = parseArgs({ args: rest, options: OPTIONS })
  const only = values.only.split(',')
  const unknown = only.filter((name) => !figures.includes(name))
  if (unknown.length > 0) throw new Error(`--only takes ${figures.join(', ')}; not ${unknown.join(', ')}`)
  const number = (name: keyof typeof OPTIONS) => readNumber(`--${name}`, values[name])
  // `none` leaves a dimension of `scale` out.
  const numbers = (name: keyof typeof OPTIONS) =>
    values[name] === 'none' ? [] : values[name].split(',').map((one) => readNumber(`--${name}`, one))
  if (values.ids !== 'uuid' && values.ids !== 'counter') throw new Error('--ids takes uuid or counter')
  return {
    only,
    compare,
    repeats: number('repeats'),
    seconds: number('seconds'),
    shortSeconds: number('short-seconds'),
    ids: values.ids,
    users: number('users'),
    models: number('models'),
    events: number('events'),
    rows: number('rows'),
    cacheDir: values['cache-dir'],
    kafka: {
      partitions: numbers('kafka-partitions'),
      jobs: numbers('kafka-jobs'),
      seconds: number('kafka-seconds'),
    },
    recomputationEvents: number('recomputation-events'),
    whatifEvents: number('whatif-events'),
    scale: {
      rows: numbers('scale-rows'),
      ids: numbers('scale-ids'),
      users: numbers('scale-users'),
      orgs: numbers('scale-orgs'),
      models: numbers('scale-models'),
      seconds: number('scale-seconds'),
      events: number('scale-events'),
    },
  }
}

/** `--compare` with or without a revision behind it. */
function takeCompare(args: readonly string[]): { readonly rest: string[]; readonly compare: string | null } {
  const at = args.findIndex((arg) => arg === '--compare' || arg.startsWith('--compare='))
  if (at < 0) return { rest: [...args], compare: null }
  const inline = args[at]?.split('=')[1]
  const next = args[at + 1]
  if (inline !== undefined) return { rest: args.toSpliced(at, 1), compare: inline }
  if (next === undefined || next.startsWith('--')) return { rest: args.toSpliced(at, 1), compare: '' }
  return { rest: args.toSpliced(at, 2), compare: next }
}

function readNumber(name: string, value: string): number {
  const number = Number(value)
  if (!(number > 0)) throw new Error(`${name} takes a number above 0; not ${value}`)
  return number
}

function defaultCacheDir(): string {
  const own = process.env['XDG_CACHE_HOME']
  if (own !== undefined && own !== '') return join(own, 'ecomind-bench')
  return platform() === 'darwin'
    ? join(homedir(), 'Library/Caches/ecomind-bench')
    : join(homedir(), '.cache/ecomind-bench')
}
