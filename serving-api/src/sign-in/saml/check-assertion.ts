/** What an assertion must say beside its signature; only the signed part of a response gets here. */
import { z } from 'zod'
import { SamlRefusal } from './strict-response.ts'

const CLOCK_SKEW_MS = 30_000
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'

/** As xml2js writes it: attributes under `$`, text under `_`, children as lists. */
const text = z.looseObject({ _: z.string().min(1).max(1000) })
const instant = z.iso.datetime({ offset: true }).transform(Date.parse)
const confirmation = z.looseObject({
  $: z.looseObject({ Method: z.string() }),
  SubjectConfirmationData: z
    .array(
      z.looseObject({
        $: z.looseObject({
          Recipient: z.string().optional(),
          InResponseTo: z.string().optional(),
          NotOnOrAfter: instant.optional(),
          NotBefore: z.string().optional(),
        }),
      }),
    )
    .length(1)
    .optional(),
})
const assertionShape = z.looseObject({
  Assertion: z.looseObject({
    $: z.looseObject({ ID: z.string().min(1).max(256), Version: z.literal('2.0') }),
    Issuer: z.array(text).length(1),
    Subject: z
      .array(
        z.looseObject({ NameID: z.array(text).length(1), SubjectConfirmation: z.array(confirmation).min(1).max(10) }),
      )
      .length(1),
    Conditions: z.array(z.looseObject({ $: z.looseObject({ NotOnOrAfter: instant }) })).length(1),
    AuthnStatement: z.array(z.looseObject({ $: z.looseObject({ SessionNotOnOrAfter: instant.optional() }) })).min(1),
  }),
})

export interface Expected {
  readonly entityId: string
  /** Our address that the response came to. */
  readonly recipient: string
  readonly requestId: string
  readonly nowMs: number
}

export interface CheckedAssertion {
  readonly id: string
  readonly subject: string
  /** Epoch milliseconds. */
  readonly expiresAtMs: number
}

/** @throws SamlRefusal */
export function checkAssertion(assertion: unknown, expected: Expected): CheckedAssertion {
  const parsed = assertionShape.safeParse(assertion)
  if (!parsed.success) throw new SamlRefusal(`an assertion without ${parsed.error.issues[0]?.path.join('.') ?? 'form'}`)
  const { $, Issuer, Subject, Conditions, AuthnStatement } = parsed.data.Assertion
  const demand = (holds: boolean, otherwise: string) => {
    if (!holds) throw new SamlRefusal(otherwise)
  }
  const isOver = (atMs: number) => expected.nowMs - CLOCK_SKEW_MS >= atMs
  demand(Issuer[0]?._ === expected.entityId, 'another issuer')
  const confirmed = Subject[0]?.SubjectConfirmation.some(({ $: { Method }, SubjectConfirmationData: data }) => {
    const said = data?.[0]?.$
    return (
      Method === BEARER &&
      said?.Recipient === expected.recipient &&
      said.InResponseTo === expected.requestId &&
      said.NotBefore === undefined &&
      said.NotOnOrAfter !== undefined &&
      !isOver(said.NotOnOrAfter)
    )
  })
  demand(confirmed === true, 'no confirmation for this recipient, request and time')
  const expiresAtMs = Conditions[0]?.$.NotOnOrAfter ?? 0
  demand(!isOver(expiresAtMs), 'expired')
  const sessionEndMs = AuthnStatement[0]?.$.SessionNotOnOrAfter
  demand(sessionEndMs === undefined || !isOver(sessionEndMs), 'its session at the provider is over')
  return { id: $.ID, subject: Subject[0]?.NameID[0]?._ ?? '', expiresAtMs }
}
