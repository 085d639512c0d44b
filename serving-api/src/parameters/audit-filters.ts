/** Parameters that choose entries of the audit trail. */
import { z } from 'zod'
import type { EntryFilters } from '../audit/list-entries.ts'
import { from, text, to } from './shapes.ts'
import { type Point, periodOf, resolvePoint } from './times.ts'

const WANTED = '1 to 256 characters are wanted'
const exact = (what: string) => text(256, WANTED).optional().describe(what)

export const auditFilters = {
  actor: exact('only of this actor: `user/ID`, `key/ID`, `token/SUBJECT`, `local` or `operator`'),
  action: exact('only this action, such as `create`, `update`, `delete`, `read`'),
  resource_type: exact('only of this kind of thing, such as `organisation`'),
  resource_id: exact('only of this thing'),
  outcome: z
    .enum(['done', 'refused'], { message: 'done or refused is wanted' })
    .optional()
    .describe('only what was done, or only what was refused'),
  from: from.optional(),
  to: to.optional(),
}

type Given = Omit<EntryFilters, 'fromMs' | 'toMs'> & {
  readonly from?: Point | undefined
  readonly to?: Point | undefined
}

/** @throws ApiError invalid_parameter for a period that is empty or runs backwards */
export function filtersOf({ from: start, to: end, ...given }: Given, tz: string): EntryFilters {
  if (start !== undefined && end !== undefined) periodOf(start, end, tz)
  const { actor, action, resource_type, resource_id, outcome } = given
  return {
    actor,
    action,
    resource_type,
    resource_id,
    outcome,
    fromMs: start === undefined ? undefined : resolvePoint(start, tz),
    toMs: end === undefined ? undefined : resolvePoint(end, tz),
  }
}
