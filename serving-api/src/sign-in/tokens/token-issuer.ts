/** Whose signed tokens an organisation takes from services, and what they may do with them. */
import type { JWTPayload } from 'jose'
import { z } from 'zod'
import type { Grant } from '../../access/principal.ts'
import { grantKey } from '../providers/group-mapping.ts'
import { grantField, nameField } from '../shapes.ts'

/** Asymmetric ones only: a public key can't be taken for a shared secret. */
export const TOKEN_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const

const rule = z
  .strictObject({
    subject: z.string().min(1).max(500).optional().describe('`sub` exactly, or its beginning with * at the end'),
    claims: z
      .record(z.string().min(1).max(100), z.union([z.string().max(500), z.number(), z.boolean()]))
      .default({})
      .describe('claims that must have exactly these values'),
    grants: z.array(grantField).min(1).max(20),
  })
  .refine((r) => (r.subject !== undefined && r.subject !== '*') || Object.keys(r.claims).length > 0, {
    message: 'a subject or a claim is wanted: a rule for every token of an issuer is none',
  })
export type TokenRule = z.output<typeof rule>

export const tokenIssuerSettings = z.strictObject({
  name: nameField,
  algorithms: z.array(z.enum(TOKEN_ALGORITHMS)).min(1).describe('that its tokens may be signed with'),
  rules: z.array(rule).min(1).max(100).describe('a token gets the grants of every rule that it fulfils'),
})
export type TokenIssuerSettings = z.output<typeof tokenIssuerSettings>

/** The audience names the organisation at its end, so that no other can claim a token that was made for it. */
export const isAudienceOf = (audience: string, orgId: string): boolean => audience.endsWith(`/${orgId}`)
export const defaultAudience = (publicUrl: string, orgId: string): string =>
  new URL(`/v1/orgs/${orgId}`, publicUrl).href

/** Of all rules that the token fulfils, each once. */
export function grantsOfToken(rules: readonly TokenRule[], payload: JWTPayload): readonly Grant[] {
  const grants = rules.filter((r) => fulfils(r, payload)).flatMap((r) => r.grants)
  return [...new Map(grants.map((g) => [grantKey(g), g])).values()]
}

function fulfils({ subject, claims }: TokenRule, payload: JWTPayload): boolean {
  if (subject !== undefined && !matchesSubject(subject, payload.sub ?? '')) return false
  return Object.entries(claims).every(([name, value]) => Object.hasOwn(payload, name) && payload[name] === value)
}

const matchesSubject = (wanted: string, subject: string): boolean =>
  wanted.endsWith('*') ? subject.startsWith(wanted.slice(0, -1)) : subject === wanted

export const givesOwners = ({ rules }: TokenIssuerSettings): boolean =>
  rules.some((r) => r.grants.some((g) => g.role === 'owner'))
