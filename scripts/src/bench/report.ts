/** One figure of a benchmark: a JSON line with what it takes to read it a year later. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

export interface Figure {
  readonly figure: string
  readonly value: number
  readonly unit: string
  readonly target: number
  readonly details: Readonly<Record<string, unknown>>
}

export function figure(
  name: string,
  value: number,
  unit: string,
  target: number,
  details: Readonly<Record<string, unknown>>,
): Figure {
  return { figure: name, value: Number(value.toPrecision(4)), unit, target, details }
}

export function environment(): Readonly<Record<string, unknown>> {
  return {
    at: new Date().toISOString(),
    commit: commit(),
    cpu: cpus()[0]?.model.trim(),
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    node: process.version,
    versions: versions(['chdb', 'lmdb', 'avsc', 'uWebSockets.js']),
    ack: 'flushed to disk (LMDB)',
  }
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim()
  } catch {
    return 'unknown'
  }
}

function versions(names: readonly string[]): Record<string, string> {
  const read = (name: string) => {
    const file = new URL(`../../../node_modules/${name}/package.json`, import.meta.url)
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
  }
  return Object.fromEntries(names.map((name) => [name, read(name)]))
}
