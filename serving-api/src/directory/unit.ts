/** Teams and projects: names for the `team_id` and `project_id` of events, chosen by the client. */
import { z } from 'zod'

export type UnitKind = 'team' | 'project'

export interface Unit {
  readonly id: string
  readonly name: string
  /** Of a project; null: none, as with teams. */
  readonly teamId: string | null
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export const shownTeamShape = z.object({
  id: z.string(),
  name: z.string(),
  version: z.number().int(),
  created_at: z.string(),
  updated_at: z.string(),
})
export const shownProjectShape = shownTeamShape.extend({ team_id: z.string().nullable() })

export function shownUnit(kind: UnitKind, unit: Unit) {
  return {
    id: unit.id,
    name: unit.name,
    ...(kind === 'project' ? { team_id: unit.teamId } : {}),
    version: unit.version,
    created_at: unit.createdAt.toISOString(),
    updated_at: unit.updatedAt.toISOString(),
  }
}
