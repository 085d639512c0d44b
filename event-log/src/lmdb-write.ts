/**
 * Awaits a write of lmdb. It rejects with a general error and gives the reason in a second promise, which ends the
 * process as an unhandled rejection unless it is taken; this throws the reason itself.
 */
export async function settled<T>(write: Promise<T>): Promise<T> {
  try {
    return await write
  } catch (error) {
    if (!(error instanceof Error) || !('commitError' in error)) throw error
    await error.commitError
    throw error
  }
}
