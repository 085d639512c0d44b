/** Finds k6, runs the script with the options of the run, reads its summary. */
import { execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { LoadOptions } from './options.ts'

const metric = z.object({
  values: z.record(z.string(), z.number()),
  thresholds: z.record(z.string(), z.object({ ok: z.boolean() })).optional(),
})
const summary = z.object({ metrics: z.record(z.string(), metric), state: z.object({ testRunDurationMs: z.number() }) })
export type K6Summary = z.output<typeof summary>

/** k6's own code for "a threshold was crossed". */
const THRESHOLDS_CROSSED = 99

/** @throws Error that says how to get k6 */
export async function findK6(root: string): Promise<string> {
  try {
    return (await promisify(execFile)(join(root, 'ops/provision/k6.sh'), ['path'])).stdout.trim()
  } catch (error) {
    throw new Error((error as { stderr?: string }).stderr?.trim() || (error as Error).message)
  }
}

/** @throws Error when k6 could not run the script; a crossed threshold is no error but in the summary */
export async function runK6(k6: string, root: string, run: string, options: LoadOptions): Promise<K6Summary> {
  const file = join(options.outDir, 'k6-summary.json')
  const settings = {
    PROFILE: options.name,
    EDGE_URL: options.edgeUrl,
    RUN: run,
    FACTOR: options.factor,
    STRETCH: options.stretch,
    P99_MS: options.p99Ms,
    SHAPE: options.shape,
    SUMMARY: file,
  }
  const args = [
    'run',
    '--no-usage-report',
    '--quiet',
    ...Object.entries(settings).flatMap(([k, v]) => ['-e', `${k}=${v}`]),
  ]
  const child = spawn(k6, [...args, join(root, 'ops/k6/load.js')], { stdio: ['ignore', 'inherit', 'inherit'] })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  if (code !== 0 && code !== THRESHOLDS_CROSSED) throw new Error(`k6 ended with code ${code}`)
  return summary.parse(JSON.parse(readFileSync(file, 'utf8')))
}

/** 0 for a metric that nothing was added to: k6 leaves it out. */
export function countOf({ metrics }: K6Summary, name: string): number {
  return metrics[name]?.values['count'] ?? 0
}
