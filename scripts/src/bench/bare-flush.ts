/**
 * What the disk takes for one flush, and nothing else: a file that grows as the log does, flushed as often as the edge
 * flushes it. An acknowledgement can't be faster than this, so its tail is told beside that of the edge.
 */
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { type Percentiles, percentiles } from './statistics.ts'

const BLOCK_BYTES = 32_768
const PAUSE_MS = 5

/** Milliseconds of an `fdatasync` behind 32 KiB at the end of a file in `folder`. */
export async function measureBareFlush(folder: string, durationMs: number): Promise<Percentiles> {
  const path = join(folder, 'bare-flush')
  const file = await open(path, 'w')
  const block = Buffer.alloc(BLOCK_BYTES, 1)
  const times: number[] = []
  try {
    const end = performance.now() + durationMs
    while (performance.now() < end) {
      await file.write(block)
      const before = performance.now()
      await file.datasync()
      times.push(performance.now() - before)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  } finally {
    await file.close()
    await rm(path, { force: true })
  }
  return percentiles(times)
}
