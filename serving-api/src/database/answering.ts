/** What a request is told when the control store is away. */
import { ApiError } from '../http/api-error.ts'
import { DatabaseError } from './database.ts'

/** SQLSTATE of a second row where there may be one. */
const UNIQUE_VIOLATION = '23505'
/** Of a text with a NUL, which no text of PostgreSQL may have. */
const NOT_STORABLE = '22021'

/** A control store that is away is told as such. @throws ApiError database_unavailable, conflict, invalid_parameter */
export async function answering<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    if (error.sqlState === UNIQUE_VIOLATION)
      throw new ApiError('conflict', 'Somebody else stored the same meanwhile', { cause: error })
    if (error.sqlState === NOT_STORABLE)
      throw new ApiError('invalid_parameter', 'A text holds a control character (NUL), which no store takes', {
        cause: error,
      })
    if (!error.unavailable) throw error
    const details = { cause: error, retryAfterSeconds: 2 }
    throw new ApiError('database_unavailable', 'The control store does not answer; try again', details)
  }
}
