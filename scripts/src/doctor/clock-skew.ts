/** How far the clock of another machine is from ours, as far as one question can tell. */
import { type Finding, fault, ok, warning } from './finding.ts'

/** More than this and events of the last seconds land in the wrong minute. */
const WARN_MS = 2_000
/** More than this and the edge refuses honest events as `ts_out_of_range`, and retention counts wrongly. */
const FAULT_MS = 60_000

export interface ClockReading {
  /** What the other clock said, epoch milliseconds. */
  readonly theirsMs: number
  /** Our clock before the question and after the answer. */
  readonly askedMs: number
  readonly answeredMs: number
  /** Resolution of the other clock, in milliseconds; default 1. */
  readonly resolutionMs?: number
}

export function clockFinding(of: string, reading: ClockReading): Finding {
  const { theirsMs, askedMs, answeredMs, resolutionMs = 1 } = reading
  // The other clock was read somewhere between question and answer: only what lies outside is surely a difference.
  const ahead = theirsMs - answeredMs
  const behind = askedMs - (theirsMs + resolutionMs)
  const skewMs = Math.max(0, ahead, behind)
  const name = `clock of ${of}`
  if (skewMs < WARN_MS) return ok(name, 'agrees with ours')
  const detail = `${(skewMs / 1000).toFixed(1)} s ${ahead > behind ? 'ahead of' : 'behind'} ours`
  const mend = 'let both machines keep their time by NTP (chronyc tracking, timedatectl)'
  return skewMs < FAULT_MS ? warning(name, detail, mend) : fault(name, detail, mend)
}
