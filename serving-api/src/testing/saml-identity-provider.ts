/** A SAML identity provider (samlp) with a key pair of its own, and the tools of who attacks its answers. */
// The library below asks for it before anything else.
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import { cryptoProvider, X509CertificateGenerator } from '@peculiar/x509'
import { getSamlResponse, type SamlOptions } from 'samlp'

export interface SamlSubject {
  readonly nameId: string
  readonly attributes: Readonly<Record<string, string | readonly string[]>>
}

export interface SamlIdentityProvider {
  readonly entityId: string
  readonly certificate: string
  /** XML of a response; fields of `change` go before. */
  answer(
    to: { readonly audience: string; readonly acs: string; readonly requestId: string },
    subject: SamlSubject,
    change?: Partial<SamlOptions>,
  ): Promise<string>
}

export async function makeSamlIdentityProvider(entityId = 'https://idp.example/saml'): Promise<SamlIdentityProvider> {
  const { certificate, key } = await selfSigned()
  return {
    entityId,
    certificate,
    answer: ({ audience, acs, requestId }, { nameId, attributes }, change = {}) =>
      new Promise((resolve, reject) => {
        const options: SamlOptions = {
          issuer: entityId,
          cert: certificate,
          key,
          audience,
          recipient: acs,
          destination: acs,
          inResponseTo: requestId,
          lifetimeInSeconds: 300,
          signAssertion: true,
          signResponse: false,
          signatureAlgorithm: 'rsa-sha256',
          digestAlgorithm: 'sha256',
          profileMapper: () => ({
            getClaims: () => attributes,
            getNameIdentifier: () => ({ nameIdentifier: nameId }),
          }),
          ...change,
        }
        getSamlResponse(options, {}, (error, xml) => (error === null ? resolve(xml) : reject(error)))
      }),
  }
}

async function selfSigned(): Promise<{ readonly certificate: string; readonly key: string }> {
  cryptoProvider.set(webcrypto as never)
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=idp.example',
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 86_400_000),
    signingAlgorithm: algorithm,
    keys: keys as never,
  })
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  const key = `-----BEGIN PRIVATE KEY-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`
  return { certificate: certificate.toString('pem'), key }
}

/** Of the address that a sign-in request went to. */
export function samlRequestIn(address: string): { readonly id: string; readonly xml: string } {
  const deflated = new URL(address).searchParams.get('SAMLRequest') ?? ''
  const xml = inflateRawSync(Buffer.from(deflated, 'base64')).toString()
  return { id: / ID="([^"]+)"/.exec(xml)?.[1] ?? '', xml }
}

export const encodeResponse = (xml: string): string => Buffer.from(xml).toString('base64')
