/** The production trace in `scripts/sample/` (Azure LLM inference dataset 2023, CC BY 4.0; see its README). */
import { readFileSync } from 'node:fs'

export interface TraceRequest {
  /** Milliseconds since the first full minute of the trace, 18:15:00 UTC. */
  readonly offsetMs: number
  readonly tokensIn: number
  readonly tokensOut: number
}

/** First full minute before the first request, epoch milliseconds. */
export const TRACE_START_MS = Date.UTC(2023, 10, 16, 18, 15)

const LINE = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}\.\d{3})\d*,(\d+),(\d+)$/

/** All 19,366 requests in order of time. @throws Error that names the line that can't be read */
export function readTrace(
  file = new URL('../../sample/azure-llm-trace-2023-conversation.csv', import.meta.url),
): TraceRequest[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split(/\r?\n/).slice(1)
  return lines.map((line, i) => {
    const m = LINE.exec(line)
    if (m === null) throw new Error(`read the trace: line ${i + 2} is not "time,context tokens,generated tokens"`)
    return {
      offsetMs: Date.parse(`${m[1]}T${m[2]}Z`) - TRACE_START_MS,
      tokensIn: Number(m[3]),
      tokensOut: Number(m[4]),
    }
  })
}
