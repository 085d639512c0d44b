/** Who it is that an identity provider vouches for: a decision over facts, without a database. */
import type { ProviderSettings } from './provider-settings.ts'
import { letsOwnersIn } from './provider-settings.ts'

/** What the provider says of a person, after its signature and all else was checked. */
export interface Claimed {
  /** Stable name of the person at the provider. */
  readonly subject: string
  readonly email: string | null
  /** Null: it does not say; then it takes a domain that is the organisation's own. */
  readonly emailVerified: boolean | null
  readonly name: string | null
  readonly groups: readonly string[]
}

export interface KnownPerson {
  readonly userId: string
  readonly active: boolean
  readonly isOwner: boolean
}

export interface Known {
  /** Who was linked to this subject earlier. */
  readonly linked: KnownPerson | null
  /** Who has this e-mail in the organisation; `otherSubject`: is linked to another subject of the same provider. */
  readonly byEmail: (KnownPerson & { readonly otherSubject: boolean }) | null
  readonly emailDomain: string | null
  /** The organisation has shown that the domain is its own. */
  readonly domainVerified: boolean
}

export type Refusal =
  | 'inactive'
  | 'owner_not_allowed'
  | 'domain_not_allowed'
  | 'email_missing'
  | 'email_not_verified'
  | 'email_of_another_subject'
  | 'not_invited'

export type Match =
  | { readonly kind: 'known'; readonly userId: string }
  | { readonly kind: 'link'; readonly userId: string }
  | { readonly kind: 'create'; readonly email: string }
  | { readonly kind: 'refuse'; readonly reason: Refusal }

export function matchIdentity(settings: ProviderSettings, claimed: Claimed, known: Known): Match {
  const refuse = (reason: Refusal): Match => ({ kind: 'refuse', reason })
  const { email } = claimed
  if (email !== null && !isAllowedDomain(settings, known.emailDomain)) return refuse('domain_not_allowed')
  if (known.linked !== null) {
    const fault = faultOf(settings, known.linked)
    return fault === null ? { kind: 'known', userId: known.linked.userId } : refuse(fault)
  }
  if (email === null) return refuse('email_missing')
  if (!(claimed.emailVerified ?? known.domainVerified)) return refuse('email_not_verified')
  if (known.byEmail === null) return settings.create_users ? { kind: 'create', email } : refuse('not_invited')
  // The provider gave the address to somebody else since: not the same person.
  if (known.byEmail.otherSubject) return refuse('email_of_another_subject')
  const fault = faultOf(settings, known.byEmail)
  return fault === null ? { kind: 'link', userId: known.byEmail.userId } : refuse(fault)
}

function faultOf(settings: ProviderSettings, person: KnownPerson): Refusal | null {
  if (!person.active) return 'inactive'
  return person.isOwner && !letsOwnersIn(settings) ? 'owner_not_allowed' : null
}

const isAllowedDomain = ({ domains }: ProviderSettings, domain: string | null): boolean =>
  domains.length === 0 || (domain !== null && domains.includes(domain))
