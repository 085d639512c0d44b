/** A person of an organisation as the control store keeps and the API shows them. */
import { z } from 'zod'
import type { Grant } from '../access/principal.ts'
import { shownGrant } from './shapes.ts'

export interface User {
  readonly id: string
  /** Lower case, one person each in an organisation. */
  readonly email: string
  readonly name: string
  /** As a SCIM client sent them; null: it never did. */
  readonly userName: string | null
  readonly givenName: string | null
  readonly familyName: string | null
  readonly externalId: string | null
  /** `user_id` of their events; null: not known. */
  readonly usageUserId: string | null
  readonly active: boolean
  /** manual, scim, oidc, saml or init. */
  readonly source: string
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** A role, and who gave it: `manual`, `init`, `group/ID`, or the id of an identity provider. */
export interface SourcedGrant extends Grant {
  readonly source: string
}

export interface Person {
  readonly user: User
  readonly grants: readonly SourcedGrant[]
}

/** Roles that people give and take; others come from a group or a provider and are changed there. */
export const isByHand = ({ source }: SourcedGrant): boolean => source === 'manual' || source === 'init'

export const shownUserShape = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  usage_user_id: z.string().nullable().describe("`user_id` of the person's own events"),
  active: z.boolean(),
  roles: z.array(shownGrant).describe('given to this person by hand'),
  inherited_roles: z
    .array(shownGrant.extend({ from: z.string().describe('`group/ID`, or the id of an identity provider') }))
    .describe('of groups and identity providers; changed there'),
  external_id: z.string().nullable(),
  source: z.string(),
  version: z.number().int(),
  created_at: z.string(),
  updated_at: z.string(),
})
export type ShownUser = z.output<typeof shownUserShape>

export function shownUser({ user, grants }: Person): ShownUser {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    usage_user_id: user.usageUserId,
    active: user.active,
    roles: grants.filter(isByHand).map(({ role, scope }) => ({ role, scope })),
    inherited_roles: grants
      .filter((grant) => !isByHand(grant))
      .map(({ role, scope, source }) => ({ role, scope, from: source })),
    external_id: user.externalId,
    source: user.source,
    version: user.version,
    created_at: user.createdAt.toISOString(),
    updated_at: user.updatedAt.toISOString(),
  }
}
