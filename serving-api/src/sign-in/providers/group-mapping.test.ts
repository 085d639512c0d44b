import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Grant } from '../../access/principal.ts'
import { ROLES } from '../../access/roles.ts'
import { changeOfGrants, grantKey, grantsOfGroups } from './group-mapping.ts'

const scope = fc.oneof(
  fc.constant({ kind: 'organisation' } as const),
  fc.record({ kind: fc.constantFrom('team', 'project'), id: fc.constantFrom('a', 'b') } as const),
)
const grant: fc.Arbitrary<Grant> = fc.record({ role: fc.constantFrom(...ROLES), scope })
const groupName = fc.constantFrom('admins', 'analysts', 'Admins', 'all')
const rules = fc.array(
  fc.tuple(groupName, grant).map(([group, g]) => ({ group, ...g })),
  { maxLength: 8 },
)
const keys = (grants: readonly Grant[]) => grants.map(grantKey).sort()

describe('grantsOfGroups', () => {
  test('gives exactly what a rule of one of the groups says, each once', () => {
    fc.assert(
      fc.property(rules, fc.array(groupName), (list, groups) => {
        const expected = new Set(list.filter((r) => groups.includes(r.group)).map(grantKey))
        expect(keys(grantsOfGroups(list, groups, null))).toEqual([...expected].sort())
      }),
    )
  })

  test('falls back only when no rule applies', () => {
    const viewer: Grant = { role: 'viewer', scope: { kind: 'organisation' } }
    const list = [{ group: 'admins', role: 'admin', scope: { kind: 'organisation' } }] as const
    expect(grantsOfGroups(list, ['admins'], viewer)).toEqual([{ role: 'admin', scope: { kind: 'organisation' } }])
    expect(grantsOfGroups(list, ['Admins'], viewer)).toEqual([viewer])
    expect(grantsOfGroups(list, [], null)).toEqual([])
  })
})

test('changeOfGrants leads from any grants to any others', () => {
  const grants = fc.uniqueArray(grant, { selector: grantKey, maxLength: 8 })
  fc.assert(
    fc.property(grants, grants, (present, wanted) => {
      const { give, take } = changeOfGrants(present, wanted)
      const left = present.filter((g) => !take.some((t) => grantKey(t) === grantKey(g)))
      expect(keys([...left, ...give])).toEqual(keys(wanted))
    }),
  )
})
