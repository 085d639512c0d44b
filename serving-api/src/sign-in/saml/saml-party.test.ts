import { beforeAll, describe, expect, test } from 'vitest'
import {
  encodeResponse,
  makeSamlIdentityProvider,
  type SamlIdentityProvider,
} from '../../testing/saml-identity-provider.ts'
import { wrapped } from '../../testing/wrapped-signatures.ts'
import { samlSettings } from '../providers/provider-settings.ts'
import {
  acsOf,
  entityIdOf,
  metadataOf,
  requestIdIn,
  type SamlParty,
  signInAddress,
  verifyResponse,
} from './saml-party.ts'
import { SamlRefusal } from './strict-response.ts'

const REQUEST = '_request1'
const subject = { nameId: 'mia-1', attributes: { email: 'Mia@example.com', name: 'Mia', groups: ['ml', 'all'] } }

let idp: SamlIdentityProvider
let other: SamlIdentityProvider
let party: SamlParty
beforeAll(async () => {
  idp = await makeSamlIdentityProvider()
  other = await makeSamlIdentityProvider()
  party = {
    providerId: 'idp_1',
    publicUrl: 'https://ecomind.example',
    settings: samlSettings.parse({
      kind: 'saml',
      entity_id: idp.entityId,
      sso_url: 'https://idp.example/sso',
      certificates: [idp.certificate],
    }),
  }
})

const to = () => ({ audience: entityIdOf(party), acs: acsOf(party), requestId: REQUEST })
const answer = (change = {}) => idp.answer(to(), subject, change)
const verify = (xml: string) => verifyResponse(party, encodeResponse(xml), REQUEST, Date.now())
const refused = async (xml: string) => await expect(verify(xml)).rejects.toThrow(SamlRefusal)

describe('verifyResponse', () => {
  test.each([{}, { signResponse: true }])('takes a good response (%o)', async (change) => {
    const xml = await answer(change)
    expect(requestIdIn(encodeResponse(xml))).toBe(REQUEST)
    expect((await verify(xml)).claimed).toEqual({
      subject: 'mia-1',
      email: 'mia@example.com',
      emailVerified: null,
      name: 'Mia',
      groups: ['ml', 'all'],
    })
  })

  test('takes the new and the old certificate while they change', async () => {
    const both = { ...party, settings: { ...party.settings, certificates: [other.certificate, idp.certificate] } }
    await verifyResponse(both, encodeResponse(await answer()), REQUEST, Date.now())
  })

  test.each([
    ['an unsigned assertion', { signAssertion: false }],
    ['a signed response around an unsigned assertion', { signAssertion: false, signResponse: true }],
    ['SHA-1 in the signature', { signatureAlgorithm: 'rsa-sha1' }],
    ['SHA-1 in the digest', { digestAlgorithm: 'sha1' }],
    ['an expired assertion', { lifetimeInSeconds: -60 }],
    ['another audience', { audience: 'https://other.example' }],
    ['no audience', { audience: '' }],
    ['another recipient', { recipient: 'https://other.example/acs' }],
    ['no recipient', { recipient: '' }],
    ['another destination', { destination: 'https://other.example/acs' }],
    ['another issuer', { issuer: 'https://evil.example' }],
    ['another request', { inResponseTo: '_request2' }],
    ['no request', { inResponseTo: '' }],
    ['a failure', { samlStatusCode: 'urn:oasis:names:tc:SAML:2.0:status:Responder' }],
  ])('refuses %s', async (_what, change) => await refused(await answer(change)))

  test('refuses the signature of somebody else', async () => {
    await refused(await other.answer(to(), subject))
  })

  test.each([
    ['a name that was changed', (xml: string) => xml.replace('mia-1', 'owner')],
    ['an e-mail that was changed', (xml: string) => xml.replace('Mia@example.com', 'boss@example.com')],
    ['a group that was added', (xml: string) => xml.replace('>ml<', '>admins<')],
    ['a comment inside the name', (xml: string) => xml.replace('mia-1', 'mia<!-- x -->-1')],
    ['a CDATA section', (xml: string) => xml.replace('mia-1', '<![CDATA[mia-1]]>')],
    ['a processing instruction', (xml: string) => xml.replace('mia-1', 'mia<?x y?>-1')],
    ['a document type', (xml: string) => `<!DOCTYPE x>${xml}`],
    [
      'an external entity',
      (xml: string) => `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${xml.replace('mia-1', '&e;')}`,
    ],
    [
      'an entity bomb',
      (xml: string) => `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>${xml.replace('mia-1', '&b;')}`,
    ],
    ['an entity that is not declared', (xml: string) => xml.replace('mia-1', '&e;')],
    ['no signature any more', (xml: string) => xml.replace(/<Signature[\s\S]*?<\/Signature>/, '')],
    ['an empty signature value', (xml: string) => xml.replace(/<SignatureValue>[^<]*/, '<SignatureValue>')],
    ['a transform that is not known', (xml: string) => xml.replace('xmldsig#enveloped-signature', 'xmldsig#base64')],
    ['a canonical form with comments', (xml: string) => xml.replaceAll('xml-exc-c14n#', 'xml-exc-c14n#WithComments')],
    ['HMAC in place of RSA', (xml: string) => xml.replace('xmldsig-more#rsa-sha256', 'xmldsig-more#hmac-sha256')],
    ['a second assertion', (xml: string) => xml.replace(/<saml:Assertion[\s\S]*<\/saml:Assertion>/, '$&$&')],
    [
      'an encrypted assertion beside',
      (xml: string) => xml.replace('<saml:Assertion', '<saml:EncryptedAssertion/><saml:Assertion'),
    ],
    [
      'an element of a stranger',
      (xml: string) => xml.replace('<saml:Assertion', '<x:y xmlns:x="urn:x"/><saml:Assertion'),
    ],
    ['something behind the end', (xml: string) => `${xml}<x/>`],
    ['no XML', () => 'hello'],
    ['a page', () => '<html><body>Sign in</body></html>'],
  ])('refuses %s', async (_what, change) => {
    const good = await answer()
    const bad = change(good)
    expect(bad).not.toBe(good)
    await refused(bad)
  })

  test('refuses every way of wrapping a signature', async () => {
    const good = await answer({ signResponse: true })
    const attacks = wrapped(good, (assertion) => assertion.replace('mia-1', 'owner'))
    expect(Object.keys(attacks).length).toBeGreaterThanOrEqual(10)
    for (const [name, xml] of Object.entries(attacks)) {
      expect(xml, name).toContain('owner')
      expect(xml, name).not.toBe(good)
      const outcome = await verify(xml).then(
        ({ claimed }) => claimed.subject,
        (error: unknown) => error,
      )
      expect(outcome, name).toBeInstanceOf(SamlRefusal)
    }
  })

  test('refuses what is no base64', async () => {
    for (const encoded of ['', '%', 'not base64!', Buffer.from([0xff, 0xfe, 0x00]).toString('base64')])
      await expect(verifyResponse(party, encoded, REQUEST, Date.now())).rejects.toThrow(SamlRefusal)
  })
})

test('the request names our address and asks for no more than that', async () => {
  const address = new URL(await signInAddress(party, REQUEST, Date.now()))
  expect(address.origin + address.pathname).toBe('https://idp.example/sso')
  expect([...address.searchParams.keys()]).toEqual(['SAMLRequest'])
})

test('the metadata say that assertions must be signed', () => {
  const xml = metadataOf(party)
  expect(xml).toContain(`entityID="${entityIdOf(party)}"`)
  expect(xml).toContain('WantAssertionsSigned="true"')
  expect(xml).toContain(acsOf(party))
})
