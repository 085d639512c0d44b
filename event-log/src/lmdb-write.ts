import type { OpenGate } from './open-gate.ts'

/**
 * Awaits a write of lmdb, which is begun when no process opens the log. It rejects with a general error and gives the
 * reason in a second promise, which ends the process as an unhandled rejection unless it is taken; this throws the reason.
 */
export async function settled<T>(gate: OpenGate, write: () => Promise<T>): Promise<T> {
  try {
    return await gate.write(write)
  } catch (error) {
    if (!(error instanceof Error) || !('commitError' in error)) throw error
    await error.commitError
    throw error
  }
}
