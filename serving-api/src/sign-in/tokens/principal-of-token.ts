/** A service with a signed token (JWT) of an issuer that an organisation trusts. */
import { UNPRINTABLE } from '@ecomind/schemas'
import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose'
import type { Principal } from '../../access/principal.ts'
import { answering } from '../../database/answering.ts'
import { OutboundError } from '../../outbound/guarded-fetch.ts'
import type { SignIn } from '../sign-in.ts'
import { grantsOfToken } from './token-issuer.ts'
import { findTokenIssuer, type TokenIssuer } from './token-issuer-store.ts'

const FORM = /^[A-Za-z0-9_-]{2,4096}\.[A-Za-z0-9_-]{2,8192}\.[A-Za-z0-9_-]{2,2048}$/
const LIFETIME_S_MAX = 3600
const CLOCK_TOLERANCE_S = 30
const AUDIENCES_MAX = 5
const SUBJECT_LENGTH_MAX = 256
const TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/at+jwt'])

export const looksLikeToken = (secret: string): boolean => FORM.test(secret)

/** Null: not a token, not of a trusted issuer, or not valid now. @throws ApiError database_unavailable */
export async function principalOfToken(signIn: SignIn, secret: string): Promise<Principal | null> {
  if (!looksLikeToken(secret)) return null
  const issuer = await issuerOf(signIn, secret)
  if (issuer === null) return null
  try {
    const payload = await verify(signIn, secret, issuer)
    const grants = grantsOfToken(issuer.settings.rules, payload)
    if (grants.length === 0) return noted(signIn, issuer, 'no rule for it')
    return { kind: 'token', orgId: issuer.orgId, subject: `${issuer.id}/${payload.sub ?? ''}`, grants }
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof OutboundError) return noted(signIn, issuer, error.message)
    throw error
  }
}

/** From words that are not verified yet; they only choose whose keys are asked. */
async function issuerOf(signIn: SignIn, secret: string): Promise<TokenIssuer | null> {
  let claims: JWTPayload
  try {
    claims = decodeJwt(secret)
  } catch {
    return null
  }
  const { iss } = claims
  const audiences = [claims.aud ?? []].flat().filter((a) => typeof a === 'string')
  if (typeof iss !== 'string' || audiences.length > AUDIENCES_MAX) return null
  const found = await answering(() =>
    Promise.all(audiences.map((audience) => findTokenIssuer(signIn.database, iss, audience))),
  )
  const known = found.filter((t) => t !== undefined)
  // For several organisations at once it is for none.
  return known.length === 1 ? (known[0] ?? null) : null
}

/** @throws JOSEError, OutboundError */
async function verify(signIn: SignIn, secret: string, issuer: TokenIssuer): Promise<JWTPayload> {
  const { payload, protectedHeader } = await jwtVerify(secret, signIn.tokenKeys.keysAt(issuer.jwksUri), {
    algorithms: [...issuer.settings.algorithms],
    issuer: issuer.issuer,
    audience: issuer.audience,
    requiredClaims: ['sub', 'iat', 'exp'],
    clockTolerance: CLOCK_TOLERANCE_S,
    maxTokenAge: LIFETIME_S_MAX,
    currentDate: new Date(signIn.nowMs()),
  })
  const { iat = 0, exp = 0, sub } = payload
  if (exp - iat > LIFETIME_S_MAX) throw new errors.JWTInvalid('a lifetime of more than an hour')
  if (typeof sub !== 'string' || sub === '' || sub.length > SUBJECT_LENGTH_MAX || UNPRINTABLE.test(sub))
    throw new errors.JWTInvalid('no subject that can be written down')
  if (protectedHeader.typ !== undefined && !TYPES.has(protectedHeader.typ.toLowerCase()))
    throw new errors.JWTInvalid('a token for another purpose')
  return payload
}

function noted(signIn: SignIn, { orgId, id }: TokenIssuer, reason: string): null {
  signIn.logger.info({ orgId, tokenIssuer: id, reason }, 'a bearer token was refused')
  return null
}
