/** Who asks, as the sign of a request (key, session, token) shows it, before it is decided what they may do. */
import type { KeyScope, Role } from './roles.ts'

/** A role, and for which part of an organisation. */
export interface Grant {
  readonly role: Role
  readonly scope: { readonly kind: 'organisation' } | { readonly kind: 'team' | 'project'; readonly id: string }
}

/** A person in one organisation. */
export interface Person {
  readonly orgId: string
  /** Id in `users`. */
  readonly userId: string
  readonly email: string
  readonly name: string
  /** `user_id` of their own events; null when it is not known. */
  readonly usageUserId: string | null
  readonly grants: readonly Grant[]
}

export type Principal =
  /** Nobody: no key, session or token was shown. */
  | { readonly kind: 'anonymous' }
  /** Local mode: everyone on this machine, for the demo organisation. */
  | { readonly kind: 'local' }
  | {
      readonly kind: 'key'
      readonly orgId: string
      readonly keyId: string
      readonly scopes: readonly KeyScope[]
      /** Of the installation's first organisation: an admin key may create others. */
      readonly ofFirstOrganisation: boolean
    }
  /** A browser; it may be signed in to several organisations, each by a sign-in of its own. */
  | { readonly kind: 'session'; readonly sessionId: string; readonly people: readonly Person[] }
  /** A service with a signed token of a trusted issuer. */
  | { readonly kind: 'token'; readonly orgId: string; readonly subject: string; readonly grants: readonly Grant[] }
