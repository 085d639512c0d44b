/** Shapes that several routes of sign-in share. */
import { z } from 'zod'
import { ROLES } from '../access/roles.ts'
import { organisationId } from '../organisations/organisation.ts'
import { isPrintable, UNPRINTABLE_MESSAGE } from '../parameters/shapes.ts'
import { normalEmail } from './domains/domain-rules.ts'
import { PASSWORD_LENGTH_MAX } from './local/password-rules.ts'

const EMAIL_MESSAGE = 'an e-mail address of at most 254 characters is wanted'

export const orgIdField = organisationId.describe('the organisation')
export const emailField = z
  .string({ message: EMAIL_MESSAGE })
  .max(254, { message: EMAIL_MESSAGE })
  .transform(normalEmail)
  .refine((text) => /^[^\s@]{1,64}@[^\s@]{1,190}$/.test(text) && isPrintable(text), { message: EMAIL_MESSAGE })

/** One that is tried: its rules are checked where it is set. */
export const passwordField = z
  .string({ message: 'a password is wanted' })
  .min(1, { message: 'a password is wanted' })
  .max(PASSWORD_LENGTH_MAX * 4, { message: `at most ${PASSWORD_LENGTH_MAX} characters are wanted` })
export const codeField = z
  .string({ message: 'a code is wanted' })
  .min(6, { message: 'a code is wanted' })
  .max(32, { message: 'a code is wanted' })
  .transform((text) => text.replace(/\s/g, ''))
export const tokenField = z
  .string({ message: 'the token of the link is wanted' })
  .max(64, { message: 'the token of the link is wanted' })
export const nameField = z
  .string({ message: '1 to 200 characters are wanted' })
  .trim()
  .min(1, { message: '1 to 200 characters are wanted' })
  .max(200, { message: '1 to 200 characters are wanted' })
  .refine(isPrintable, { message: UNPRINTABLE_MESSAGE })

export const roleField = z.enum(ROLES, { message: `one of ${ROLES.join(', ')} is wanted` })
export const scopeField = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('organisation') }),
  z.strictObject({ kind: z.enum(['team', 'project']), id: z.string().min(1).max(128) }),
])
export const grantField = z.strictObject({
  role: roleField,
  scope: scopeField.default({ kind: 'organisation' }).describe('default: the organisation'),
})

/** An answer that only says that it is done. */
export const done = z.object({ done: z.literal(true) })
