/** CPU and peak memory of named processes over a time in which they may die and be started again. */
import { cpuSeconds, type Memory, memoryOf } from './process-cost.ts'

const EVERY_MS = 100

export interface ProcessCost {
  /** CPU seconds since the watch began, over all the lives of each. */
  readonly cpuSeconds: Readonly<Record<string, number>>
  /** The sample with the most resident memory, megabytes. */
  readonly mostMemory: Readonly<Record<string, Memory>>
}

export interface ProcessWatch {
  /** Reads once more; call it before a kill, or what was spent since the last look is lost. */
  look(): ProcessCost
  /** The last look. */
  stop(): ProcessCost
}

interface Life {
  readonly name: string
  readonly before: number
  last: number
}

/** `pids`: the present process of each name; another number means that it was started again. */
export function watchProcesses(pids: Readonly<Record<string, () => number>>): ProcessWatch {
  const lives = new Map<number, Life>()
  const most: Record<string, Memory> = {}
  let first = true
  const sample = (): void => {
    for (const [name, pidOf] of Object.entries(pids)) {
      const pid = pidOf()
      try {
        const now = cpuSeconds(pid)
        const life = lives.get(pid) ?? { name, before: first ? now : 0, last: now }
        life.last = now
        lives.set(pid, life)
        const memory = memoryOf(pid)
        if (memory.resident > (most[name]?.resident ?? 0)) most[name] = memory
      } catch {
        // It is dead at the moment.
      }
    }
    first = false
  }
  const look = (): ProcessCost => {
    sample()
    const spent: Record<string, number> = Object.fromEntries(Object.keys(pids).map((name) => [name, 0]))
    for (const { name, before, last } of lives.values()) spent[name] = (spent[name] ?? 0) + last - before
    for (const name of Object.keys(spent)) spent[name] = Math.round((spent[name] ?? 0) * 100) / 100
    return { cpuSeconds: spent, mostMemory: { ...most } }
  }
  sample()
  const timer = setInterval(sample, EVERY_MS)
  return {
    look,
    stop() {
      clearInterval(timer)
      return look()
    },
  }
}
