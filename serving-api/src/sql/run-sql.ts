/** A statement of an analyst through the desk, in the forms and with the errors of this API. */
import { type AnalystDesk, AnalystError } from '@ecomind/clickhouse'
import { ApiError, invalidParameter } from '../http/api-error.ts'
import type { OrgScope } from '../scope.ts'
import { type SqlBody, type SqlFormat, sqlFormats } from './sql-body.ts'

export interface SqlAnswer {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

export interface SqlRequest {
  readonly queryId: string
  readonly gone: AbortSignal
}

/** ErrorCodes.cpp: TIMEOUT_EXCEEDED, TOO_MANY_SIMULTANEOUS_QUERIES, TOO_MANY_ROWS, TOO_MANY_ROWS_OR_BYTES, NETWORK_ERROR. */
const TIMEOUT = 159
const BUSY = 202
const TOO_LARGE: ReadonlySet<number> = new Set([158, 396])
const UNREACHABLE = 210

/** @throws ApiError query_refused, query_timeout, result_too_large, overloaded, database_unavailable, invalid_parameter */
export async function runSql(
  desk: AnalystDesk | null,
  scope: OrgScope,
  body: SqlBody,
  { queryId, gone }: SqlRequest,
): Promise<SqlAnswer> {
  if (desk === null) throw new ApiError('database_unavailable', 'This process does not answer SQL')
  const { engineName, mediaType } = sqlFormats[body.format]
  const question = { text: body.query, params: body.params ?? {}, defaultFormat: engineName }
  const caller = { orgId: scope.orgId, orgIds: scope.orgIds, keyId: scope.access.actor, queryId, gone }
  try {
    const answer = await desk.run(question, caller)
    if (answer.format !== engineName) throw formatInText()
    const bytes =
      body.format === 'JSON' ? withStatistics(answer.bytes, answer.rows, answer.elapsedSeconds) : answer.bytes
    return { mediaType, bytes }
  } catch (cause) {
    throw cause instanceof AnalystError ? apiErrorOf(cause) : cause
  }
}

function formatInText(): ApiError {
  const names = (Object.keys(sqlFormats) as SqlFormat[]).join(', ')
  return invalidParameter('query', `leave FORMAT out and say it in "format": ${names}`)
}

/** The engine's own statistics say how much was read, which counts rows of others; these say what was answered. */
function withStatistics(bytes: Uint8Array, rows: number, elapsed: number): Uint8Array {
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).lastIndexOf('}')
  const tail = `,\n\t"statistics": ${JSON.stringify({ elapsed, rows })}\n}\n`
  return Buffer.concat([bytes.subarray(0, end), Buffer.from(tail)])
}

function apiErrorOf(error: AnalystError): ApiError {
  const cause = { cause: error }
  if (error.code === TIMEOUT)
    return new ApiError('query_timeout', 'The statement took longer than its limit; ask for less', cause)
  if (error.code === BUSY)
    return new ApiError('overloaded', 'Too many statements are under way; try again', {
      ...cause,
      retryAfterSeconds: 1,
    })
  if (TOO_LARGE.has(error.code))
    return new ApiError('result_too_large', 'The answer would be larger than the limit; add LIMIT or group', cause)
  if (error.code === UNREACHABLE)
    return new ApiError('database_unavailable', 'The database does not answer; try again', {
      ...cause,
      retryAfterSeconds: 2,
    })
  return new ApiError('query_refused', error.message, cause)
}
