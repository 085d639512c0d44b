/**
 * Where the CPU time of a process goes, by step of the loader. A CPU profile gives the shares of the JavaScript thread: a
 * function belongs to the step of its file, library and built-in code to the step that calls it. The kernel gives what
 * the thread and the whole process spent; the difference are the threads of the engine, LMDB and the collector.
 */
import { readFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { cpuSeconds } from './process-cost.ts'

export const STEPS = ['read', 'decode', 'drop duplicates', 'enrich', 'encode', 'garbage', 'other', 'threads'] as const
export type Step = (typeof STEPS)[number]
/** CPU seconds. `threads`: inserts and views of the engine, flushes, helpers of the garbage collector. */
export type StepCosts = { readonly [step in Step]: number }

/** Files of all versions that --compare may meet; the first that fits counts. */
const FILES: readonly (readonly [Step, RegExp])[] = [
  ['read', /\/event-log\//],
  [
    'drop duplicates',
    /\/(drop-duplicates|id-key|dedupe-index|lmdb-dedupe-index|segment-index|siphash|sifted|index-by)|^wasm:/,
  ],
  ['enrich', /\/footprint\/|\/stream-jobs\/src\/(enrich|call-table|footprint-model)/],
  ['encode', /\/clickhouse\/src\/|\/stream-jobs\/src\/(insert-batch|usage-block)/],
  [
    'decode',
    /\/schemas\/|\/stream-jobs\/src\/(decode|read-record|cut-batch|content-hash|event-columns|name-table|batch-columns|add-event)/,
  ],
  ['other', /\/(stream-jobs|scripts)\/src\//],
]
const SAMPLE_MICROS = 500
const TICKS_PER_SECOND = 100

export interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string }
  readonly children?: readonly number[] | undefined
}

export interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly samples?: readonly number[] | undefined
  readonly timeDeltas?: readonly number[] | undefined
}

/** Shares of the time in which the thread was not idle; they add up to 1. */
export function stepShares({ nodes, samples = [], timeDeltas = [] }: Profile): Partial<Record<Step, number>> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const stepOf = new Map<number, Step | null>()
  const visit = (node: ProfileNode, caller: Step): void => {
    const step = stepOfFrame(node, caller)
    stepOf.set(node.id, step)
    for (const id of node.children ?? []) {
      const child = byId.get(id)
      if (child !== undefined) visit(child, step ?? 'other')
    }
  }
  const [root] = nodes
  if (root !== undefined) visit(root, 'other')
  const micros: Partial<Record<Step, number>> = {}
  let total = 0
  for (const [i, id] of samples.entries()) {
    const step = stepOf.get(id) ?? null
    if (step === null) continue
    micros[step] = (micros[step] ?? 0) + (timeDeltas[i] ?? 0)
    total += timeDeltas[i] ?? 0
  }
  return Object.fromEntries(Object.entries(micros).map(([step, spent]) => [step, spent / total]))
}

/** Null: the thread waits. */
function stepOfFrame({ callFrame: { functionName, url } }: ProfileNode, caller: Step): Step | null {
  if (functionName === '(idle)') return null
  if (functionName === '(garbage collector)') return 'garbage'
  if (url === '' || url.startsWith('node:') || url.includes('/node_modules/')) return caller
  return FILES.find(([, pattern]) => pattern.test(url))?.[0] ?? caller
}

/** Runs `work` under the profiler. Linux only: elsewhere the threads can't be told apart and count as other. */
export async function measureSteps(work: () => Promise<void>): Promise<StepCosts> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_MICROS })
  await session.post('Profiler.start')
  const [processBefore, threadBefore] = [cpuSeconds(process.pid), mainThreadSeconds()]
  await work()
  const [whole, thread] = [cpuSeconds(process.pid) - processBefore, mainThreadSeconds() - threadBefore]
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  const shares = stepShares(profile)
  const costs = STEPS.map((step) => [step, step === 'threads' ? whole - thread : (shares[step] ?? 0) * thread])
  return Object.fromEntries(costs) as StepCosts
}

function mainThreadSeconds(): number {
  try {
    const stat = readFileSync(`/proc/self/task/${process.pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  } catch {
    return cpuSeconds(process.pid)
  }
}
