/** What an ID token and the answer of userinfo say of a person. */
import { z } from 'zod'
import { normalEmail } from '../domains/domain-rules.ts'
import type { Claimed } from '../providers/match-identity.ts'

const GROUPS_MAX = 2000

const claims = z.looseObject({
  sub: z.string().min(1).max(255),
  email: z.string().max(254).optional().catch(undefined),
  // Some providers write it as text. Whatever else is said is no yes.
  email_verified: z.unknown().transform((said) => (said == null ? null : said === true || said === 'true')),
  name: z.string().max(200).optional().catch(undefined),
})

export function claimedBy(given: Readonly<Record<string, unknown>>, groupsAttribute: string): Claimed {
  const { sub, email, email_verified, name } = claims.parse(given)
  return {
    subject: sub,
    email: email === undefined || email === '' ? null : normalEmail(email),
    emailVerified: email_verified,
    name: name === undefined || name === '' ? null : name,
    groups: groupsIn(given[groupsAttribute]),
  }
}

/** One text is one group. */
export function groupsIn(value: unknown): readonly string[] {
  return [value]
    .flat()
    .filter((g): g is string => typeof g === 'string')
    .slice(0, GROUPS_MAX)
}
