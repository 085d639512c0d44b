/** Which of ClickHouse's own error codes mean "try the same statement again later". */
import { ClickHouseError } from './clickhouse.ts'

/**
 * Codes of src/Common/ErrorCodes.cpp (ClickHouse 26.7) that describe the state of the server, not a fault of the
 * statement. A loader that meets one waits and repeats; it never drops rows.
 */
const RETRYABLE_CODES: ReadonlyMap<number, string> = new Map([
  [74, 'CANNOT_READ_FROM_FILE_DESCRIPTOR'],
  [75, 'CANNOT_WRITE_TO_FILE_DESCRIPTOR'],
  [76, 'CANNOT_OPEN_FILE'],
  [95, 'CANNOT_READ_FROM_SOCKET'],
  [96, 'CANNOT_WRITE_TO_SOCKET'],
  [159, 'TIMEOUT_EXCEEDED'],
  [160, 'TOO_SLOW'],
  [164, 'READONLY'],
  [173, 'CANNOT_ALLOCATE_MEMORY'],
  [198, 'DNS_ERROR'],
  [202, 'TOO_MANY_SIMULTANEOUS_QUERIES'],
  [203, 'NO_FREE_CONNECTION'],
  [209, 'SOCKET_TIMEOUT'],
  [210, 'NETWORK_ERROR'],
  [225, 'NO_ZOOKEEPER'],
  [236, 'ABORTED'],
  [241, 'MEMORY_LIMIT_EXCEEDED'],
  [242, 'TABLE_IS_READ_ONLY'],
  [243, 'NOT_ENOUGH_SPACE'],
  [252, 'TOO_MANY_PARTS'],
  [279, 'ALL_CONNECTION_TRIES_FAILED'],
  [285, 'TOO_FEW_LIVE_REPLICAS'],
  [286, 'UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE'],
  [319, 'UNKNOWN_STATUS_OF_INSERT'],
  [394, 'QUERY_WAS_CANCELLED'],
  [439, 'CANNOT_SCHEDULE_TASK'],
  [473, 'DEADLOCK_AVOIDED'],
  [481, 'PATH_ACCESS_DENIED'],
  [499, 'S3_ERROR'],
  [999, 'KEEPER_EXCEPTION'],
])

/** Exceptions of the C++ and Poco libraries (codes 1000-1002) carry the operating system's words only. */
const RETRYABLE_WORDS =
  /no space left|disk quota|read-only file ?system|permission denied|operation not permitted|file access|too many open files|input\/output error|cannot allocate memory/i

/** Node's own words for "nobody answered". */
const UNREACHABLE_WORDS = /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|socket hang up|timeout error/i
const NODE_DISK_CODES = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'EMFILE', 'ENFILE', 'ENOENT'])

const MESSAGE_LENGTH_MAX = 2000

/** The code that ClickHouse puts in front of its messages, or null. */
export function parseErrorCode(message: string): number | null {
  const match = /\bCode: (\d+)\./.exec(message)
  return match === null ? null : Number(match[1])
}

/** Whether the same statement may succeed later. `code` is ClickHouse's, null when none came. */
export function isRetryable(code: number | null, message: string): boolean {
  if (code === null) return UNREACHABLE_WORDS.test(message)
  if (RETRYABLE_CODES.has(code)) return true
  return code >= 1000 && code <= 1002 && RETRYABLE_WORDS.test(message)
}

/** Turns whatever a driver threw into the one error of this package. */
export function toClickHouseError(action: string, cause: unknown): ClickHouseError {
  if (cause instanceof ClickHouseError) return cause
  const text = cause instanceof Error ? cause.message : String(cause)
  const code = codeOf(cause) ?? parseErrorCode(text)
  const nodeCode = nodeCodeOf(cause)
  const retryable = isRetryable(code, nodeCode === null ? text : `${text} ${nodeCode}`) || isDiskFault(code, nodeCode)
  const name = code === null ? (nodeCode ?? 'no answer') : (RETRYABLE_CODES.get(code) ?? `code ${code}`)
  return new ClickHouseError(`${action}: ${name}: ${shorten(text)}`, code, retryable, { cause })
}

function isDiskFault(code: number | null, nodeCode: string | null): boolean {
  return code === null && nodeCode !== null && NODE_DISK_CODES.has(nodeCode)
}

function shorten(text: string): string {
  return text.length <= MESSAGE_LENGTH_MAX ? text : `${text.slice(0, MESSAGE_LENGTH_MAX)}...`
}

/** `@clickhouse/client` gives the number as text in `code`. */
function codeOf(cause: unknown): number | null {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return null
  const value = cause.code
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : null
}

function nodeCodeOf(cause: unknown): string | null {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return null
  const value = cause.code
  return typeof value === 'string' && /^E[A-Z]+$/.test(value) ? value : null
}
