import { wakeForgottenWaiter } from './forgotten-waiters.ts'
import type { OpenGate } from './open-gate.ts'

/** Far longer than others keep the lock, far shorter than anybody waits for a write (30 s) or for its end (45 s). */
const FORGOTTEN_MS = 1_000

/**
 * Awaits a write of lmdb, which is begun when no process opens the log. It rejects with a general error and gives the
 * reason in a second promise, which ends the process as an unhandled rejection unless it is taken; this throws the reason.
 * While it takes long, its thread is made to look at the write lock again.
 */
export async function settled<T>(gate: OpenGate, write: () => Promise<T>): Promise<T> {
  const waking = setInterval(wakeForgottenWaiter, FORGOTTEN_MS)
  waking.unref()
  try {
    return await gate.write(write)
  } catch (error) {
    if (!(error instanceof Error) || !('commitError' in error)) throw error
    await error.commitError
    throw error
  } finally {
    clearInterval(waking)
  }
}
