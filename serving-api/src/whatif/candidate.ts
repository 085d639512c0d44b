import type { Change, Suggestion } from '@ecomind/schemas'
import type { PlacedWork } from '../work/ask-work.ts'

/** One thing to try: the work it is about, and the change. */
export interface Candidate {
  readonly kind: Suggestion['kind']
  readonly title: string
  readonly work: readonly PlacedWork[]
  readonly change: Omit<Change, 'period'>
  /** Beyond those of the change itself. */
  readonly assumptions?: readonly string[]
}
