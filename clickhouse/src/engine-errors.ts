/** Which of ClickHouse's own error codes mean "try the same statement again later". */
import { ClickHouseError, type Outcome } from './clickhouse.ts'

/**
 * Codes of src/Common/ErrorCodes.cpp (ClickHouse 26.7) that describe the state of the server, not a fault of the
 * statement. A loader that meets one waits and repeats; it never drops rows. A log-in that is refused is among them: the
 * statement is right, and goes through once the user is there again, without a restart.
 */
export const RETRYABLE_CODES: ReadonlyMap<number, string> = new Map([
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
  [201, 'QUOTA_EXCEEDED'],
  [202, 'TOO_MANY_SIMULTANEOUS_QUERIES'],
  [203, 'NO_FREE_CONNECTION'],
  [209, 'SOCKET_TIMEOUT'],
  [210, 'NETWORK_ERROR'],
  [225, 'NO_ZOOKEEPER'],
  [231, 'TOO_MANY_UNEXPECTED_DATA_PARTS'],
  [236, 'ABORTED'],
  [241, 'MEMORY_LIMIT_EXCEEDED'],
  [242, 'TABLE_IS_READ_ONLY'],
  [243, 'NOT_ENOUGH_SPACE'],
  [252, 'TOO_MANY_PARTS'],
  [254, 'NO_ACTIVE_REPLICAS'],
  [265, 'NO_AVAILABLE_REPLICA'],
  [279, 'ALL_CONNECTION_TRIES_FAILED'],
  [285, 'TOO_FEW_LIVE_REPLICAS'],
  [286, 'UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE'],
  [289, 'REPLICA_IS_NOT_IN_QUORUM'],
  [297, 'SHARD_HAS_NO_CONNECTIONS'],
  [319, 'UNKNOWN_STATUS_OF_INSERT'],
  [341, 'UNFINISHED'],
  [364, 'RECEIVED_ERROR_TOO_MANY_REQUESTS'],
  [369, 'ALL_REPLICAS_ARE_STALE'],
  [384, 'PART_IS_TEMPORARILY_LOCKED'],
  [394, 'QUERY_WAS_CANCELLED'],
  [439, 'CANNOT_SCHEDULE_TASK'],
  [473, 'DEADLOCK_AVOIDED'],
  [481, 'PATH_ACCESS_DENIED'],
  [497, 'ACCESS_DENIED'],
  [499, 'S3_ERROR'],
  [500, 'AZURE_BLOB_STORAGE_ERROR'],
  [516, 'AUTHENTICATION_FAILED'],
  [517, 'CANNOT_ASSIGN_ALTER'],
  [529, 'NOT_A_LEADER'],
  [574, 'DISTRIBUTED_TOO_MANY_PENDING_BYTES'],
  [667, 'NOT_INITIALIZED'],
  [677, 'THREAD_WAS_CANCELED'],
  [692, 'TOO_MANY_MUTATIONS'],
  [696, 'ASYNC_LOAD_CANCELED'],
  [700, 'USER_SESSION_LIMIT_EXCEEDED'],
  [733, 'TABLE_IS_BEING_RESTARTED'],
  [738, 'PART_IS_LOCKED'],
  [745, 'SERVER_OVERLOADED'],
  [749, 'TCP_CONNECTION_LIMIT_REACHED'],
  [762, 'HTTP_CONNECTION_LIMIT_REACHED'],
  [777, 'MEMORY_RESERVATION_KILLED'],
  [778, 'MEMORY_RESERVATION_FAILED'],
  [904, 'TOO_MANY_UNAVAILABLE_SHARDS'],
  [999, 'KEEPER_EXCEPTION'],
])

/** Answers after which the statement may have been carried out, or may go on. */
const UNKNOWN_OUTCOME_CODES = new Set([159, 209, 210, 236, 279, 319, 341, 394, 999])

/** Exceptions of the C++ and Poco libraries (codes 1000-1002) carry the operating system's words only. */
const RETRYABLE_WORDS =
  /no space left|disk quota|read-only file ?system|permission denied|operation not permitted|file access|too many open files|input\/output error|cannot allocate memory/i

/**
 * The operating system had no room, memory or file handle. ClickHouse appends its words to whatever code the step has:
 * CANNOT_PIPE (298) and EPOLL_ERROR (573) are among them, and no list of codes is ever whole.
 */
const SHORTAGE_WORDS =
  /errno: \d+, strerror: (?:too many open files|no space left|disk quota|cannot allocate memory|resource temporarily unavailable)/i

/** Node's own words for "nobody answered". */
const UNREACHABLE_WORDS = /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|socket hang up|timeout error/i
const NODE_DISK_CODES = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'EMFILE', 'ENFILE', 'ENOENT'])

const MESSAGE_LENGTH_MAX = 2000

/** The code that ClickHouse puts in front of its messages, or null. */
export function parseErrorCode(message: string): number | null {
  const match = /\bCode: (\d+)\./.exec(message)
  return match === null ? null : Number(match[1])
}

/** Of ErrorCodes.cpp: what the engine says of files whose bytes are not what was written. */
const DAMAGE_CODES: ReadonlyMap<number, string> = new Map([
  [32, 'ATTEMPT_TO_READ_AFTER_EOF'],
  [33, 'CANNOT_READ_ALL_DATA'],
  [40, 'CHECKSUM_DOESNT_MATCH'],
  [117, 'INCORRECT_DATA'],
  [246, 'CORRUPTED_DATA'],
  [271, 'CANNOT_DECOMPRESS'],
  [432, 'UNKNOWN_CODEC'],
])

/** The bytes of a file are not what was written: no later try mends that. */
export function isDamage(error: unknown): boolean {
  return error instanceof ClickHouseError && error.code !== null && DAMAGE_CODES.has(error.code)
}

/** Whether the same statement may succeed later. `code` is ClickHouse's, null when none came. */
export function isRetryable(code: number | null, message: string): boolean {
  if (code === null) return UNREACHABLE_WORDS.test(message)
  if (RETRYABLE_CODES.has(code) || SHORTAGE_WORDS.test(message)) return true
  return code >= 1000 && code <= 1002 && RETRYABLE_WORDS.test(message)
}

export function outcomeOf(code: number): Outcome {
  return UNKNOWN_OUTCOME_CODES.has(code) ? 'unknown' : 'answered'
}

/** An error with ClickHouse's own code. `text` is what it said. */
export function answeredError(action: string, code: number, text: string, cause?: unknown): ClickHouseError {
  const name = RETRYABLE_CODES.get(code) ?? `code ${code}`
  return new ClickHouseError(`${action}: ${name}: ${shorten(text)}`, code, isRetryable(code, text), {
    outcome: outcomeOf(code),
    ...(cause === undefined ? {} : { cause }),
  })
}

/** Turns whatever a driver threw into the one error of this package. */
export function toClickHouseError(action: string, cause: unknown): ClickHouseError {
  if (cause instanceof ClickHouseError) return cause
  const text = cause instanceof Error ? cause.message : String(cause)
  const code = codeOf(cause) ?? parseErrorCode(text)
  if (code !== null) return answeredError(action, code, text, cause)
  const nodeCode = nodeCodeOf(cause)
  const retryable = isRetryable(null, nodeCode === null ? text : `${text} ${nodeCode}`) || isDiskFault(nodeCode)
  return new ClickHouseError(`${action}: ${nodeCode ?? 'no answer'}: ${shorten(text)}`, null, retryable, { cause })
}

function isDiskFault(nodeCode: string | null): boolean {
  return nodeCode !== null && NODE_DISK_CODES.has(nodeCode)
}

export function shorten(text: string): string {
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
