/** A bar on a terminal while a file is read; silent elsewhere. */
import type { Writable } from 'node:stream'
import { SingleBar } from 'cli-progress'
import type { Input } from './read-lines.ts'

export interface Progress {
  update(): void
  stop(): void
}

/** Lines between two looks at the bar. */
const EVERY_LINES = 1000

export function showProgress(input: Input, stderr: Writable & { readonly isTTY?: boolean }): Progress {
  if (stderr.isTTY !== true || input.bytes === null || input.bytes === 0) return { update: () => {}, stop: () => {} }
  const bar = new SingleBar({
    stream: stderr,
    format: '{bar} {percentage}% | {lines} lines | {duration_formatted}, {eta_formatted} left',
    hideCursor: true,
    clearOnComplete: true,
  })
  bar.start(input.bytes, 0, { lines: 0 })
  let lines = 0
  return {
    update() {
      lines++
      if (lines % EVERY_LINES === 0) bar.update(input.bytesRead(), { lines })
    },
    stop() {
      bar.stop()
    },
  }
}
