/** Who may write for which organisation: local mode knows one answer, keys give others (`keys/key-book.ts`). */
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import type { Refusal } from './errors.ts'
import type { Budget } from './limits/account.ts'

export type Grant =
  | {
      readonly kind: 'granted'
      readonly orgId: string
      /** Whether events may leave out the organisation that they are of. */
      readonly orgIsImplied: boolean
      /** What the key and its organisation may still send; null: without limit. */
      readonly budget: Budget | null
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** Takes the value of the authorization header, '' when there is none, and epoch milliseconds. */
export type Authorise = (authorization: string, nowMs: number) => Grant

const LOCAL_GRANT: Grant = { kind: 'granted', orgId: LOCAL_ORG_ID, orgIsImplied: false, budget: null }

/** Local mode: everyone on this machine may write for the demo organisation; a key is not looked at. */
export const authoriseLocally: Authorise = () => LOCAL_GRANT
