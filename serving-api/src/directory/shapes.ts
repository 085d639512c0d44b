/** Fields of people, teams and projects, as the API takes and shows them. */
import { z } from 'zod'
import { ROLES } from '../access/roles.ts'
import { invalidParameter } from '../http/api-error.ts'
import { isPrintable, text, UNPRINTABLE_MESSAGE } from '../parameters/shapes.ts'

const EMAIL_MESSAGE = 'an e-mail address is wanted'
const UNIT_ID_MAX = 128
const ID_MESSAGE = `1 to ${UNIT_ID_MAX} characters are wanted`

/** In lower case. */
export const email = z
  .string({ message: EMAIL_MESSAGE })
  .regex(/^[^\s@]{1,64}@[^\s@]{1,190}$/, { message: EMAIL_MESSAGE })
  .refine(isPrintable, { message: UNPRINTABLE_MESSAGE })
  .transform((address) => address.toLowerCase())

export const personName = name(200)
export const unitName = name(200)
export const usageUserId = text(256, '1 to 256 characters are wanted')
/** The rule of `team_id` and `project_id` in events. */
export const unitId = text(UNIT_ID_MAX, ID_MESSAGE)
/** `isMade`: from the name. @throws ApiError invalid_parameter when there is neither */
export function idAndName({ id, name }: { readonly id?: string | undefined; readonly name?: string | undefined }) {
  if (id !== undefined) return { id, name: name ?? id, isMade: false }
  if (name === undefined) throw invalidParameter('id', 'an id or a name is wanted')
  const made = idOfName(name)
  if (!/[\p{L}\p{N}]/u.test(made)) throw invalidParameter('id', 'is required where the name has no letter and no digit')
  return { id: made, name, isMade: true }
}

/** What stands in an address as it is: letters, digits, hyphens and dots inside. */
function idOfName(name: string): string {
  return name
    .normalize('NFC')
    .toLowerCase()
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, '-')
    .slice(0, UNIT_ID_MAX)
    .replace(/\p{Surrogate}$/u, '')
    .replace(/^[-.]+|[-.]+$/g, '')
}

export const pathId = z.object({ id: unitId.describe('id, percent-encoded') })

function name(max: number) {
  const message = `1 to ${max} characters are wanted`
  return z
    .string({ message })
    .trim()
    .min(1, { message })
    .max(max, { message })
    .refine(isPrintable, { message: UNPRINTABLE_MESSAGE })
}

const scope = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('organisation') }),
    z.strictObject({ kind: z.enum(['team', 'project']), id: unitId }),
  ],
  { message: 'kind organisation, or kind team or project with its id, is wanted' },
)

export const grant = z.strictObject({
  role: z.enum(ROLES, { message: `one of ${ROLES.join(', ')} is wanted` }),
  scope: scope.default({ kind: 'organisation' }).describe('default: the whole organisation'),
})

const GRANTS_MAX = 100
export const grants = z
  .array(grant, { message: 'a list of roles is wanted' })
  .max(GRANTS_MAX, { message: `at most ${GRANTS_MAX} roles are wanted` })

export const shownGrant = z.object({
  role: z.enum(ROLES),
  scope: z.object({ kind: z.enum(['organisation', 'team', 'project']), id: z.string().optional() }),
})
