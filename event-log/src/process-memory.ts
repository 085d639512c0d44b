import { readFileSync } from 'node:fs'

/**
 * Memory of this process that the system can't drop, in bytes: heaps, not the mapped pages of the log and the index,
 * which grow with those files and make the resident size useless for finding a leak. Null where the system has no /proc.
 */
export function anonymousMemoryBytes(): number | null {
  try {
    const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    return kilobytes === undefined ? null : Number(kilobytes) * 1024
  } catch {
    return null
  }
}
