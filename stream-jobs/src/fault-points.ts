/**
 * Places where a test may kill the loader, in the order in which a batch passes them. In production the function is
 * a no-op. ECOMIND_FAULT_POINT=after-intent:3 kills the process (SIGKILL) when it passes `after-intent` the third time.
 */
export const FAULT_POINTS = [
  'before-redo',
  'during-index-rebuild',
  'after-index-rebuild',
  'after-read',
  'after-decode',
  'after-dedupe',
  'after-enrich',
  'before-intent',
  'after-intent',
  'before-insert-usage',
  'after-insert-usage',
  'before-insert-minutes',
  'after-insert-minutes',
  'before-insert-quarantine',
  'after-insert-quarantine',
  'before-insert-ledger',
  'after-insert-ledger',
  'before-index',
  'after-index',
  'before-commit',
  'after-commit',
  'after-publish-watermark',
] as const

export type FaultPointName = (typeof FAULT_POINTS)[number]
export type FaultPoint = (name: FaultPointName) => void

export const noFaultPoint: FaultPoint = () => {}

/** Where and at which passage to die. */
export interface ArmedFault {
  readonly name: FaultPointName
  readonly passage: number
}

/** Reads `name` or `name:nth`; null when the text is not of that form. */
export function parseArmedFault(text: string): ArmedFault | null {
  const [name, nth, ...rest] = text.split(':')
  const known = FAULT_POINTS.find((p) => p === name)
  if (known === undefined || rest.length > 0) return null
  if (nth === undefined) return { name: known, passage: 1 }
  return /^[1-9]\d{0,8}$/.test(nth) ? { name: known, passage: Number(nth) } : null
}

/** Kills this process at the armed passage: no handler runs, no buffer is flushed. */
export function armFaultPoint(
  armed: ArmedFault | null,
  kill: () => void = () => process.kill(process.pid, 'SIGKILL'),
): FaultPoint {
  if (armed === null) return noFaultPoint
  let passages = 0
  return (name) => {
    if (name !== armed.name) return
    passages += 1
    if (passages === armed.passage) kill()
  }
}
