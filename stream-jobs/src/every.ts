/** Runs a task again and again with a pause between; a failure is logged and the next turn tries again. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'

export interface Repeated {
  /** Waits for the turn under way. */
  stop(): Promise<void>
}

export function every(pauseMs: number | (() => number), task: () => Promise<void>, logger: Logger): Repeated {
  const stopping = new AbortController()
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await task()
      } catch (error) {
        logger.warn({ err: error }, 'loader: a periodic task failed; it is tried again')
      }
      const nextMs = typeof pauseMs === 'number' ? pauseMs : pauseMs()
      await pause(nextMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}
