/** One figure of a benchmark: a JSON line with what it takes to read it a year later. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import type { LoadResult } from './load/load-plan.ts'
import { round } from './statistics.ts'

export interface Figure {
  readonly figure: string
  readonly value: number
  readonly unit: string
  /** Of contract section 8; null where it names none. */
  readonly target: number | null
  readonly details: Readonly<Record<string, unknown>>
}

export function figure(
  name: string,
  value: number,
  unit: string,
  target: number | null,
  details: Readonly<Record<string, unknown>>,
): Figure {
  return { figure: name, value: round(value), unit, target, details }
}

/** Units of which less is better; of all others more is. */
const LESS_IS_BETTER: ReadonlySet<string> = new Set(['ms', 's', 'MB', 'bytes', 'bytes/event', 'CPU µs/event'])

export function lessIsBetter(unit: string): boolean {
  return LESS_IS_BETTER.has(unit)
}

/** What the generator itself cost: it shares the cores with what is measured. */
export function generatorCost(runs: readonly LoadResult[], events: number): Readonly<Record<string, number>> {
  const sum = (pick: (run: LoadResult) => number) => runs.reduce((total, run) => total + pick(run), 0)
  const cpu = sum((r) => r.cpuSeconds)
  return {
    cpuSeconds: round(cpu),
    cpuMicrosPerEvent: round((cpu * 1e6) / events),
    cpuUserMicrosPerEvent: round((sum((r) => r.cpuUserSeconds) * 1e6) / events),
    /** Of one core; near 1 the generator is the limit. */
    busy: round((cpu * 1000) / sum((r) => r.elapsedMs)),
  }
}

/** Taken anew before each part of the suite: the load of the machine changes. */
export function environment(): Readonly<Record<string, unknown>> {
  return {
    at: new Date().toISOString(),
    commit: commit(),
    cpu: cpus()[0]?.model.trim(),
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    loadAverage: loadavg().map((load) => round(load)),
    node: process.version,
    versions: versions(['chdb', 'lmdb', 'avsc', 'uWebSockets.js']),
    /** Of the embedded log; figures on another one name theirs. */
    ackEmbedded: 'flushed to disk (LMDB)',
  }
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim()
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '-uno') === '' ? '' : '+changes')
  } catch {
    return 'unknown'
  }
}

/** Of what is installed; a package that is not there any more is left out. */
function versions(names: readonly string[]): Record<string, string> {
  const read = (name: string): [string, string][] => {
    try {
      const file = new URL(`../../../node_modules/${name}/package.json`, import.meta.url)
      return [[name, (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version]]
    } catch {
      return []
    }
  }
  return Object.fromEntries(names.flatMap(read))
}
