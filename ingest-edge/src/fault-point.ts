/**
 * Named places where a test can kill the process. `ECOMIND_FAULT_POINT=name:nth` arms one; unarmed, a fault point is
 * an empty function.
 */
export type EdgeFaultPointName =
  /** Events are checked and encoded, the log has not seen them. */
  | 'edge-before-append'
  /** The log has them on disk, no client was told. */
  | 'edge-after-append'
  /** The answers of one group were handed to the sockets. */
  | 'edge-after-answer'

export const EDGE_FAULT_POINTS: readonly EdgeFaultPointName[] = [
  'edge-before-append',
  'edge-after-append',
  'edge-after-answer',
]

export type FaultPoint = (name: EdgeFaultPointName) => void

export interface ArmedFaultPoint {
  readonly name: EdgeFaultPointName
  /** The process dies when it passes the place for the nth time, counted from 1. */
  readonly nth: number
}

export function createFaultPoint(armed: ArmedFaultPoint | null): FaultPoint {
  if (armed === null) return () => {}
  let passed = 0
  return (name) => {
    if (name !== armed.name) return
    passed++
    if (passed === armed.nth) process.kill(process.pid, 'SIGKILL')
  }
}
