/** What can be wrong with a trail. */

export const FAULT_KINDS = ['changed', 'removed', 'inserted', 'reordered', 'head', 'signed_head', 'signature'] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export interface AuditFault {
  readonly kind: FaultKind
  /** Number in the chain of the organisation. */
  readonly seq: number
  /** Of the entry; null: it is not there any more, or the fault is not an entry's. */
  readonly id: number | null
  readonly message: string
}

/** Where a walk along the chain has come to. */
export interface Place {
  readonly seq: number
  readonly hash: string
  /** 0 at the beginning of what is kept. */
  readonly id: number
}
