/** The id of a team or project whose maker gave only a name. */
import { invalidParameter } from '../http/api-error.ts'
import { UNIT_ID_MAX } from './shapes.ts'

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
