/** Our side of SAML 2.0 towards one identity provider, and what of its answers counts. */
import { type Profile, SAML, ValidateInResponseTo } from '@node-saml/node-saml'
import { normalEmail } from '../domains/domain-rules.ts'
import { FLOW_MS } from '../flows.ts'
import { groupsIn } from '../oidc/oidc-claims.ts'
import type { Claimed } from '../providers/match-identity.ts'
import type { SamlSettings } from '../providers/provider-settings.ts'
import { type CheckedAssertion, checkAssertion } from './check-assertion.ts'
import { readStrictResponse, SamlRefusal } from './strict-response.ts'

const CLOCK_SKEW_MS = 30_000
const ASSERTION_AGE_MS_MAX = 600_000

export interface SamlParty {
  readonly providerId: string
  readonly settings: SamlSettings
  readonly publicUrl: string
}

export const entityIdOf = ({ providerId, publicUrl }: SamlParty): string =>
  new URL(`/v1/auth/saml/${providerId}/metadata`, publicUrl).href
export const acsOf = ({ providerId, publicUrl }: SamlParty): string =>
  new URL(`/v1/auth/saml/${providerId}/acs`, publicUrl).href

/** `request`: the only one whose answer counts. */
function samlOf(party: SamlParty, request: { readonly id: string; readonly atMs: number }, isResponseSigned: boolean) {
  const at = new Date(request.atMs).toISOString()
  return new SAML({
    issuer: entityIdOf(party),
    audience: entityIdOf(party),
    callbackUrl: acsOf(party),
    entryPoint: party.settings.sso_url,
    idpCert: [...party.settings.certificates],
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: isResponseSigned,
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    identifierFormat: null,
    disableRequestedAuthnContext: true,
    acceptedClockSkewMs: CLOCK_SKEW_MS,
    maxAssertionAgeMs: ASSERTION_AGE_MS_MAX,
    validateInResponseTo: ValidateInResponseTo.always,
    requestIdExpirationPeriodMs: FLOW_MS,
    generateUniqueId: () => request.id,
    cacheProvider: {
      saveAsync: async (_id, value) => ({ value, createdAt: request.atMs }),
      getAsync: async (id) => (id === request.id ? at : null),
      removeAsync: async (id) => id,
    },
  })
}

/** Where the browser goes with our request. */
export const signInAddress = (party: SamlParty, requestId: string, nowMs: number): Promise<string> =>
  samlOf(party, { id: requestId, atMs: nowMs }, false).getAuthorizeUrlAsync('', undefined, {})

export const metadataOf = (party: SamlParty): string =>
  samlOf(party, { id: '_', atMs: 0 }, false).generateServiceProviderMetadata(null, null)

/** Which request a response says it answers, before anything of it is believed. @throws SamlRefusal */
export const requestIdIn = (encoded: string): string => readStrictResponse(encoded).response.inResponseTo

/** @throws SamlRefusal for everything that is not a good answer to exactly this request */
export async function verifyResponse(
  party: SamlParty,
  encoded: string,
  requestId: string,
  nowMs: number,
): Promise<{ readonly claimed: Claimed; readonly assertion: CheckedAssertion }> {
  const { response } = readStrictResponse(encoded)
  if (response.inResponseTo !== requestId) throw new SamlRefusal('an answer to another request')
  if (response.destination !== null && response.destination !== acsOf(party))
    throw new SamlRefusal('another destination')
  const profile = await validated(party, encoded, { id: requestId, atMs: nowMs }, response.isSigned)
  const assertion = checkAssertion(profile.getAssertion?.(), {
    entityId: party.settings.entity_id,
    recipient: acsOf(party),
    requestId,
    nowMs,
  })
  return { claimed: claimedBy(profile, party.settings, assertion.subject), assertion }
}

async function validated(
  party: SamlParty,
  encoded: string,
  request: { readonly id: string; readonly atMs: number },
  isResponseSigned: boolean,
): Promise<Profile> {
  const saml = samlOf(party, request, isResponseSigned)
  try {
    const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: encoded.replace(/[\r\n]/g, '') })
    if (profile !== null) return profile
  } catch (cause) {
    throw new SamlRefusal(cause instanceof Error ? cause.message.slice(0, 200) : 'not valid')
  }
  throw new SamlRefusal('nobody in it')
}

/** Only what was signed is in the profile. */
function claimedBy({ attributes }: Profile, settings: SamlSettings, subject: string): Claimed {
  const given = typeof attributes === 'object' && attributes !== null ? (attributes as Record<string, unknown>) : {}
  const one = (name: string): string | null => {
    const [value] = groupsIn(given[name])
    return value === undefined || value === '' ? null : value
  }
  const email = one(settings.email_attribute) ?? (subject.includes('@') ? subject : null)
  return {
    subject,
    email: email === null ? null : normalEmail(email),
    // SAML has no such word: the organisation vouches by verifying its domain.
    emailVerified: null,
    name: one(settings.name_attribute),
    groups: groupsIn(given[settings.groups_attribute]),
  }
}
