/** The settings that create the installation's first organisation, its owner and an admin key, once, for automation. */
import { z } from 'zod'
import { organisationId } from '../organisations/organisation.ts'

export interface FirstOrganisation {
  readonly orgId: string
  readonly ownerEmail: string
  readonly ownerPassword: string
  readonly adminKey: string
}

const ADMIN_KEY = /^eco_a_[A-Za-z0-9_-]{20,128}$/
/** Letters of a key that somebody made up by hand. */
const DISTINCT_LETTERS_MIN = 8
const PASSWORD_LENGTH_MIN = 12
/** What stands in examples. */
const PLACEHOLDER =
  /change.?me|placeholder|^(my|your|the)?.?(admin|owner|user)?.?(password|secret|default|example|qwerty)[\d!.]*$/i

export const firstOrganisationSettings = {
  ECOMIND_INIT_ORG_ID: organisationId
    .optional()
    .describe('id of the first organisation, created once at the first start'),
  ECOMIND_INIT_OWNER_EMAIL: z
    .string()
    .regex(/^[^\s@]{1,64}@[^\s@]{1,190}$/, { message: 'an e-mail address is wanted' })
    .optional()
    .describe('its owner, who signs in with this address'),
  ECOMIND_INIT_OWNER_PASSWORD: z
    .string()
    .optional()
    .describe('and this password, of at least 12 characters; change it after the first sign-in'),
  ECOMIND_INIT_ADMIN_KEY: z.string().optional().describe('its admin key, eco_a_ and at least 20 random letters'),
}

type Settings = { readonly [K in keyof typeof firstOrganisationSettings]?: string | undefined }

/** Null when none is given. No fault repeats a secret. */
export function firstOrganisationOf(s: Settings): { first: FirstOrganisation | null; faults: readonly string[] } {
  const names = Object.keys(firstOrganisationSettings) as (keyof Settings)[]
  const absent = names.filter((name) => s[name] === undefined)
  if (absent.length === names.length) return { first: null, faults: [] }
  const faults = absent.map((name) => `${name}: is required where one of ${names.join(', ')} is given`)
  const {
    ECOMIND_INIT_ORG_ID: orgId = '',
    ECOMIND_INIT_OWNER_EMAIL: ownerEmail = '',
    ECOMIND_INIT_OWNER_PASSWORD: ownerPassword = '',
    ECOMIND_INIT_ADMIN_KEY: adminKey = '',
  } = s
  if (s.ECOMIND_INIT_OWNER_PASSWORD !== undefined && isWeakPassword(ownerPassword, ownerEmail))
    faults.push('ECOMIND_INIT_OWNER_PASSWORD: at least 12 characters are wanted, not the address and no placeholder')
  if (s.ECOMIND_INIT_ADMIN_KEY !== undefined && isWeakKey(adminKey))
    faults.push('ECOMIND_INIT_ADMIN_KEY: eco_a_ and at least 20 random letters, digits, _ or - are wanted')
  if (faults.length > 0) return { first: null, faults }
  return { first: { orgId, ownerEmail: ownerEmail.toLowerCase(), ownerPassword, adminKey }, faults: [] }
}

function isWeakPassword(password: string, email: string): boolean {
  if (password.length < PASSWORD_LENGTH_MIN || PLACEHOLDER.test(password)) return true
  return password.toLowerCase() === email.toLowerCase() || new Set(password).size < 5
}

function isWeakKey(key: string): boolean {
  return (
    !ADMIN_KEY.test(key) || PLACEHOLDER.test(key) || new Set(key.slice('eco_a_'.length)).size < DISTINCT_LETTERS_MIN
  )
}
