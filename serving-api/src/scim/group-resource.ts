/** Groups as SCIM shows and takes them, and what a PATCH does to their members. */
import { type Filter, filter, parse } from 'scim2-parse-filter'
import { z } from 'zod'
import type { GroupChange } from '../directory/change-groups.ts'
import type { Group } from '../directory/group.ts'
import type { Member } from '../directory/group-store.ts'
import { unitName } from '../directory/shapes.ts'
import { canonicalKeys } from './attribute-names.ts'
import { GROUP_SCHEMA, ScimFault } from './messages.ts'
import type { PatchOperation } from './patch-body.ts'

/** `base`: address of the API as the client reached it. */
export function groupResource(group: Group, members: readonly Member[], base: string) {
  return {
    schemas: [GROUP_SCHEMA],
    id: group.id,
    ...(group.externalId === null ? {} : { externalId: group.externalId }),
    displayName: group.name,
    members: members.map((m) => ({
      value: m.userId,
      display: m.name,
      type: 'User',
      $ref: `${base}/scim/v2/Users/${m.userId}`,
    })),
    meta: {
      resourceType: 'Group',
      created: group.createdAt.toISOString(),
      lastModified: group.updatedAt.toISOString(),
      location: `${base}/scim/v2/Groups/${group.id}`,
      version: `"${group.version}"`,
    },
  }
}

const externalId = z.string().max(256).nullish()
const member = z.looseObject({ value: z.string().max(256) })
const members = z.union([z.array(member), member.transform((one) => [one])])
const groupShape = z.looseObject({ displayName: unitName, externalId, members: members.nullish() })

/** A whole resource. @throws ScimFault invalidValue */
export function fieldsOfGroup(given: unknown) {
  const parsed = checked(groupShape, canonicalKeys(given))
  return {
    name: parsed.displayName,
    externalId: parsed.externalId ?? null,
    memberIds: (parsed.members ?? []).map((m) => m.value),
  }
}

/** The change that a PATCH stands for. @throws ScimFault invalidPath, invalidValue */
export function changeOfPatch(operations: readonly PatchOperation[]): GroupChange {
  const steps: ((ids: Set<string>) => Set<string>)[] = []
  const fields: { name?: string; externalId?: string | null } = {}
  for (const operation of operations) {
    if (operation.path === null) {
      const entries = Object.entries(checked(z.looseObject({}), operation.value))
      for (const [path, value] of entries) applyOperation({ ...operation, path, value }, fields, steps)
    } else applyOperation(operation, fields, steps)
  }
  if (steps.length === 0) return fields
  return { ...fields, members: (present) => steps.reduce((ids, step) => step(ids), new Set(present)) }
}

function applyOperation(
  operation: PatchOperation,
  fields: { name?: string; externalId?: string | null },
  steps: ((ids: Set<string>) => Set<string>)[],
): void {
  const { op, path, value } = operation
  if (path === 'displayName') {
    if (op === 'remove') throw new ScimFault('invalidValue', 'displayName: is required', { field: 'displayName' })
    fields.name = checked(unitName, value)
  } else if (path === 'externalId') fields.externalId = op === 'remove' ? null : (checked(externalId, value) ?? null)
  else if (path === 'members' || path?.startsWith('members[') === true) steps.push(memberStep(operation))
  // Okta repeats the id and the schemas in its bodies.
  else if (path !== 'id' && path !== 'schemas' && path !== 'meta')
    throw new ScimFault('invalidPath', 'path: displayName, externalId or members is wanted', { field: 'path' })
}

function memberStep({ op, path, value }: PatchOperation): (ids: Set<string>) => Set<string> {
  if (path !== 'members') {
    if (op !== 'remove') throw new ScimFault('invalidPath', 'path: members in brackets can only be removed')
    const matches = memberFilter(path ?? '')
    return (ids) => new Set([...ids].filter((id) => !matches({ value: id })))
  }
  if (op === 'remove' && (value === undefined || value === null)) return () => new Set()
  const named = checked(members, value).map((m) => m.value)
  switch (op) {
    case 'add':
      return (ids) => new Set([...ids, ...named])
    case 'replace':
      return () => new Set(named)
    case 'remove': {
      const gone = new Set(named)
      return (ids) => new Set([...ids].filter((id) => !gone.has(id)))
    }
  }
}

function memberFilter(path: string): (member: { readonly value: string }) => boolean {
  const inside = /^members\[(.*)\]$/s.exec(path)?.[1]
  try {
    if (inside !== undefined) return filter(parse(inside) as Filter)
  } catch {
    // Told below, as every other path that is none.
  }
  throw new ScimFault('invalidPath', 'path: members[value eq "ID"] is wanted', { field: 'path' })
}

function checked<Shape extends z.ZodType>(shape: Shape, value: unknown): z.output<Shape> {
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  const path = parsed.error.issues[0]?.path.map(String).join('.') || 'value'
  throw new ScimFault('invalidValue', `${path}: is missing, too long or of the wrong type`, { field: path })
}
