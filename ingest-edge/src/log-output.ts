/** Standard output for the log lines of edge and core. A log that can't be written must not end a process that can serve. */
import { type DestinationStream, destination } from 'pino'

/** Lines that wait for room; those that come then are dropped, and so is a single line of more than this. */
const WAITING_BYTES_MAX = 1_048_576

/** Each line tries those that wait again. Not asynchronous: pino would try for ever when the process ends. */
export function logOutput(): DestinationStream {
  // Without a least length `flush` does nothing.
  const out = destination({ fd: 1, sync: true, minLength: 1, maxLength: WAITING_BYTES_MAX })
  out.on('error', () => {})
  out.on('drop', () => out.flush())
  return out
}
