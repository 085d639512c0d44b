/** Fields of people, teams and projects, as the API takes and shows them. */
import { z } from 'zod'
import { ROLES } from '../access/roles.ts'
import { isPrintable, text, UNPRINTABLE_MESSAGE } from '../parameters/shapes.ts'

const EMAIL_MESSAGE = 'an e-mail address is wanted'
export const UNIT_ID_MAX = 128
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
