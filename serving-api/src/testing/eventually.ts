/** Waits for a condition, however slow the machine is; never for a time. */
import { expect } from 'vitest'

export function eventually<T>(read: () => T | Promise<T>) {
  return expect.poll(read, { timeout: 30_000, interval: 10 })
}
