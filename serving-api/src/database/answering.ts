/** What a request is told when the control store is away. */
import { ApiError } from '../http/api-error.ts'
import { DatabaseError } from './database.ts'

/** A control store that is away is told as such. @throws ApiError database_unavailable */
export async function answering<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof DatabaseError) || !error.unavailable) throw error
    const details = { cause: error, retryAfterSeconds: 2 }
    throw new ApiError('database_unavailable', 'The control store does not answer; try again', details)
  }
}
