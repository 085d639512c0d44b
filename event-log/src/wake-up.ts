/** Lets any number of sleepers sleep until something happens, or until their time or patience is over. */
export interface WakeUp {
  /** Resolves when woken, after `ms`, or when the signal aborts; never rejects. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>
  wake(): void
}

export function createWakeUp(): WakeUp {
  const sleepers = new Set<() => void>()
  return {
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) {
          resolve()
          return
        }
        const done = () => {
          clearTimeout(timer)
          sleepers.delete(done)
          signal?.removeEventListener('abort', done)
          resolve()
        }
        const timer = setTimeout(done, ms)
        sleepers.add(done)
        signal?.addEventListener('abort', done, { once: true })
      }),
    wake: () => {
      for (const done of [...sleepers]) done()
    },
  }
}
