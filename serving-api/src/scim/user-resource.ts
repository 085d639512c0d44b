/** People as SCIM shows and takes them. Attributes that the control store has no place for are left aside. */
import { z } from 'zod'
import type { UserChange } from '../directory/change-users.ts'
import type { GroupOfUser } from '../directory/group-store.ts'
import { email as emailRule } from '../directory/shapes.ts'
import type { User } from '../directory/user.ts'
import { isPrintable } from '../parameters/shapes.ts'
import { canonicalKeys } from './attribute-names.ts'
import { ScimFault, USER_SCHEMA } from './messages.ts'

/** `base`: address of the API as the client reached it. */
export function userResource(user: User, groups: readonly GroupOfUser[], base: string) {
  const name = {
    formatted: user.name,
    ...(user.givenName === null ? {} : { givenName: user.givenName }),
    ...(user.familyName === null ? {} : { familyName: user.familyName }),
  }
  return {
    schemas: [USER_SCHEMA],
    id: user.id,
    ...(user.externalId === null ? {} : { externalId: user.externalId }),
    userName: user.userName ?? user.email,
    name,
    displayName: user.name,
    emails: [{ value: user.email, type: 'work', primary: true }],
    active: user.active,
    groups: groups.map((g) => ({ value: g.id, display: g.name, $ref: `${base}/scim/v2/Groups/${g.id}` })),
    meta: {
      resourceType: 'User',
      created: user.createdAt.toISOString(),
      lastModified: user.updatedAt.toISOString(),
      location: `${base}/scim/v2/Users/${user.id}`,
      version: `"${user.version}"`,
    },
  }
}

const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine(isPrintable)
    .transform((value) => value.trim())
/** Clients send null and empty texts for what they do not have. */
const optionalText = (max: number) =>
  text(max)
    .nullish()
    .transform((value) => (value === '' || value === undefined ? null : value))
/** Entra writes booleans as text. */
const flag = z.union([
  z.boolean(),
  z
    .string()
    .regex(/^(?:true|false)$/i)
    .transform((value) => value.toLowerCase() === 'true'),
])
const emails = z
  .array(z.looseObject({ value: z.string().nullish(), type: z.string().nullish(), primary: flag.nullish() }))
  .nullish()

const userShape = z.looseObject({
  userName: text(256).pipe(z.string().min(1)),
  externalId: optionalText(256),
  displayName: optionalText(200),
  name: z
    .looseObject({ formatted: optionalText(200), givenName: optionalText(200), familyName: optionalText(200) })
    .nullish(),
  emails,
  active: flag.nullish(),
})

export type UserFields = UserChange & Required<Pick<UserChange, 'email' | 'name'>>

/**
 * What a resource says of a person; `present`: who it is now, null when they are made.
 * @throws ScimFault invalidValue
 */
export function fieldsOfResource(given: unknown, present: User | null): UserFields {
  const parsed = userShape.safeParse(canonicalKeys(given))
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.map(String).join('.') || 'body'
    throw new ScimFault('invalidValue', `${path}: is missing, too long or of the wrong type`, { field: path })
  }
  const { userName, externalId, active } = parsed.data
  const email = emailOf(parsed.data, present)
  return {
    email,
    userName: userName.toLowerCase() === email ? null : userName,
    givenName: parsed.data.name?.givenName ?? null,
    familyName: parsed.data.name?.familyName ?? null,
    name: nameOf(parsed.data, present) ?? email,
    externalId: externalId ?? present?.externalId ?? null,
    active: active ?? present?.active ?? true,
  }
}

type Given = z.output<typeof userShape>

/** The primary one, the one for work, the first, or the user name where it is one. */
function emailOf({ emails: list, userName }: Given, present: User | null): string {
  const addresses = (list ?? []).filter((entry) => (entry.value ?? '') !== '')
  const chosen =
    addresses.find((entry) => entry.primary === true) ??
    addresses.find((entry) => entry.type?.toLowerCase() === 'work') ??
    addresses[0]
  const named = emailRule.safeParse(userName)
  const stays = present !== null && chosen?.value?.toLowerCase() === present.email
  // Whose user name is their e-mail gets a new e-mail with a new user name.
  if (stays && present.userName === null) return named.success ? named.data : present.email
  if (chosen === undefined) return named.success ? named.data : (present?.email ?? demandEmail())
  const parsed = emailRule.safeParse(chosen.value)
  if (!parsed.success) throw new ScimFault('invalidValue', 'emails: an e-mail address is wanted', { field: 'emails' })
  return parsed.data
}

function demandEmail(): never {
  throw new ScimFault('invalidValue', 'emails: is required where userName is no e-mail address', { field: 'emails' })
}

/** What was said anew wins: the name to show, then the formatted one, then the parts. Null: nothing was said. */
function nameOf({ displayName, name }: Given, present: User | null): string | null {
  const { formatted = null, givenName = null, familyName = null } = name ?? {}
  const parts = joined(givenName, familyName)
  const said = [displayName, formatted].find((value) => value !== null && value !== present?.name) ?? null
  if (said !== null) return said
  if (present === null) return parts
  const wasMadeOfParts = [present.email, joined(present.givenName, present.familyName)].includes(present.name)
  return wasMadeOfParts && parts !== null ? parts : present.name
}

const joined = (givenName: string | null, familyName: string | null): string | null =>
  [givenName, familyName]
    .filter((part) => part !== null)
    .join(' ')
    .slice(0, 200) || null
