import { expect, test } from 'vitest'
import { checkAssertion, type Expected } from './check-assertion.ts'
import { SamlRefusal } from './strict-response.ts'

const NOW_MS = Date.parse('2026-05-01T12:00:00Z')
const expected: Expected = { entityId: 'idp', recipient: 'https://a.example/acs', requestId: '_r', nowMs: NOW_MS }
const at = (ms: number) => new Date(NOW_MS + ms).toISOString()

const confirmation = (data: object = {}) => ({
  $: { Method: 'urn:oasis:names:tc:SAML:2.0:cm:bearer' },
  SubjectConfirmationData: [
    { $: { Recipient: expected.recipient, InResponseTo: '_r', NotOnOrAfter: at(60_000), ...data } },
  ],
})
/** As xml2js reads it. */
const assertion = (fields: object = {}) => ({
  Assertion: {
    $: { ID: '_a', Version: '2.0' },
    Issuer: [{ _: 'idp' }],
    Subject: [{ NameID: [{ _: 'mia' }], SubjectConfirmation: [confirmation()] }],
    Conditions: [{ $: { NotOnOrAfter: at(120_000) } }],
    AuthnStatement: [{ $: {} }],
    ...fields,
  },
})
const withConfirmations = (...list: object[]) =>
  assertion({ Subject: [{ NameID: [{ _: 'mia' }], SubjectConfirmation: list }] })

test('checkAssertion answers who it is and until when the assertion may be seen again', () => {
  expect(checkAssertion(assertion(), expected)).toEqual({ id: '_a', subject: 'mia', expiresAtMs: NOW_MS + 120_000 })
})

test('checkAssertion takes one good confirmation among others, and clocks that differ by less than half a minute', () => {
  checkAssertion(withConfirmations(confirmation({ Recipient: 'https://b.example' }), confirmation()), expected)
  checkAssertion(withConfirmations(confirmation({ NotOnOrAfter: at(-29_000) })), expected)
})

test.each([
  ['no conditions', assertion({ Conditions: undefined })],
  ['conditions without end', assertion({ Conditions: [{ $: {} }] })],
  ['conditions that are over', assertion({ Conditions: [{ $: { NotOnOrAfter: at(-30_000) } }] })],
  ['conditions twice', assertion({ Conditions: [{ $: { NotOnOrAfter: at(1) } }, { $: { NotOnOrAfter: at(1) } }] })],
  ['a time that is none', assertion({ Conditions: [{ $: { NotOnOrAfter: 'tomorrow' } }] })],
  ['no subject', assertion({ Subject: undefined })],
  ['two names', assertion({ Subject: [{ NameID: [{ _: 'a' }, { _: 'b' }], SubjectConfirmation: [confirmation()] }] })],
  ['no confirmation', withConfirmations()],
  ['a confirmation of another kind', withConfirmations({ ...confirmation(), $: { Method: 'sender-vouches' } })],
  ['a confirmation without end', withConfirmations(confirmation({ NotOnOrAfter: undefined }))],
  ['a confirmation with a beginning', withConfirmations(confirmation({ NotBefore: at(-1) }))],
  ['a confirmation without recipient', withConfirmations(confirmation({ Recipient: undefined }))],
  ['a confirmation without request', withConfirmations(confirmation({ InResponseTo: undefined }))],
  ['no statement of a sign-in', assertion({ AuthnStatement: undefined })],
  [
    'a session at the provider that is over',
    assertion({ AuthnStatement: [{ $: { SessionNotOnOrAfter: at(-60_000) } }] }),
  ],
  ['two issuers', assertion({ Issuer: [{ _: 'idp' }, { _: 'idp' }] })],
  ['another version', assertion({ $: { ID: '_a', Version: '1.1' } })],
  ['nothing', null],
])('checkAssertion refuses %s', (_what, given) => {
  expect(() => checkAssertion(given, expected)).toThrow(SamlRefusal)
})
