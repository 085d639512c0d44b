/** Who may write for which organisation. Local mode knows one answer; ingest keys will give others. */
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import type { Refusal } from './errors.ts'

export type Grant =
  | { readonly kind: 'granted'; readonly orgId: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** Takes the value of the authorization header, '' when there is none. */
export type Authorise = (authorization: string) => Grant

const LOCAL_GRANT: Grant = { kind: 'granted', orgId: LOCAL_ORG_ID }

/** Local mode: everyone on this machine may write for the demo organisation; a key is not looked at. */
export const authoriseLocally: Authorise = () => LOCAL_GRANT
