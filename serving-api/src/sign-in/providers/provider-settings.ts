/** What an organisation states of an identity provider of its own. */
import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { normalDomain } from '../domains/domain-rules.ts'
import { grantField, nameField, roleField, scopeField } from '../shapes.ts'

const URL_MESSAGE = 'an address that begins with https:// is wanted'
const httpUrl = z
  .string({ message: URL_MESSAGE })
  .max(2000, { message: URL_MESSAGE })
  .refine((text) => URL.canParse(text) && /^https?:\/\//.test(text), { message: URL_MESSAGE })

const domainList = z
  .array(
    z.string().transform((text, ctx) => {
      const name = normalDomain(text)
      if (name !== null) return name
      ctx.addIssue('a domain such as example.com is wanted')
      return z.NEVER
    }),
  )
  .max(100)

const CERTIFICATE_MESSAGE = 'an X.509 certificate in PEM form with an RSA key of 2048 bits, or an EC key, is wanted'
const certificate = z
  .string({ message: CERTIFICATE_MESSAGE })
  .max(16_384, { message: CERTIFICATE_MESSAGE })
  .refine(isGoodCertificate, { message: CERTIFICATE_MESSAGE })

function isGoodCertificate(pem: string): boolean {
  try {
    const { publicKey } = new X509Certificate(pem)
    const bits = publicKey.asymmetricKeyDetails?.modulusLength
    return publicKey.asymmetricKeyType === 'ec' || (publicKey.asymmetricKeyType === 'rsa' && (bits ?? 0) >= 2048)
  } catch {
    return false
  }
}

/** Fields of both kinds. */
const people = {
  domains: domainList.default([]).describe('only e-mails of these domains; empty: of any'),
  group_mapping: z
    .array(
      z.strictObject({
        group: z.string().min(1).max(500),
        role: roleField,
        scope: scopeField.default({ kind: 'organisation' }),
      }),
    )
    .max(500)
    .default([])
    .describe('roles by group; what a person has by it changes with each sign-in'),
  groups_attribute: z.string().min(1).max(200).default('groups').describe('claim or attribute with the groups'),
  default_grant: grantField.nullable().default(null).describe('for who is in no mapped group; null: no role'),
  create_users: z.boolean().default(false).describe('people who are not known are made at their first sign-in'),
  may_sign_in_owners: z
    .boolean()
    .default(false)
    .describe('owners may come by this provider: who controls it can be any of them. Takes an owner to set'),
}

export const oidcSettings = z.strictObject({
  kind: z.literal('oidc'),
  issuer: httpUrl.describe('as the provider names itself; its discovery document is read from there'),
  client_id: z.string().min(1).max(500),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/))
    .max(20)
    .default(['openid', 'email', 'profile']),
  ...people,
})

export const samlSettings = z.strictObject({
  kind: z.literal('saml'),
  entity_id: z.string().min(1).max(1000).describe('Issuer of its assertions'),
  sso_url: httpUrl.describe('where sign-in requests go (HTTP-Redirect binding)'),
  certificates: z.array(certificate).min(1).max(5).describe('that sign its assertions; several while they change'),
  email_attribute: z.string().min(1).max(500).default('email').describe('absent in the assertion: the NameID'),
  name_attribute: z.string().min(1).max(500).default('name'),
  ...people,
})

export const providerSettings = z.discriminatedUnion('kind', [oidcSettings, samlSettings])
export type OidcSettings = z.output<typeof oidcSettings>
export type SamlSettings = z.output<typeof samlSettings>
export type ProviderSettings = z.output<typeof providerSettings>

export const providerName = nameField.describe('on the button of the sign-in page')

/** Whoever could make owners of others by it has to be one. */
export const letsOwnersIn = (settings: ProviderSettings): boolean =>
  settings.may_sign_in_owners ||
  settings.default_grant?.role === 'owner' ||
  settings.group_mapping.some((r) => r.role === 'owner')
