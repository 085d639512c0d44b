/** Groups of an identity provider, and the role that their members have. */
import { z } from 'zod'
import type { Grant } from '../access/principal.ts'
import { shownGrant } from './shapes.ts'

export interface Group {
  readonly id: string
  /** One group each in an organisation, whatever its case. */
  readonly name: string
  readonly externalId: string | null
  /** Null: the group gives no role. Never owner. */
  readonly grant: Grant | null
  readonly members: number
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export const shownGroupShape = z.object({
  id: z.string(),
  name: z.string(),
  external_id: z.string().nullable(),
  grant: shownGrant.nullable().describe('role of every member; null: none'),
  members: z.number().int(),
  version: z.number().int(),
  created_at: z.string(),
  updated_at: z.string(),
})

export function shownGroup(group: Group): z.output<typeof shownGroupShape> {
  return {
    id: group.id,
    name: group.name,
    external_id: group.externalId,
    grant: group.grant,
    members: group.members,
    version: group.version,
    created_at: group.createdAt.toISOString(),
    updated_at: group.updatedAt.toISOString(),
  }
}
