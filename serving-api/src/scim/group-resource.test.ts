import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changeOfPatch } from './group-resource.ts'
import { ScimFault } from './messages.ts'
import type { PatchOperation } from './patch-body.ts'

const id = fc.constantFrom('u1', 'u2', 'u3', 'u4')
const ids = fc.array(id, { maxLength: 4 })
const valuesOf = (list: readonly string[]) => list.map((value) => ({ value }))
const step = fc.oneof(
  fc.record({ kind: fc.constantFrom('add' as const, 'replace' as const, 'remove' as const), ids }),
  fc.record({ kind: fc.constant('filter' as const), ids: fc.tuple(id) }),
  fc.record({ kind: fc.constant('clear' as const), ids: fc.constant([]) }),
)

function operationOf({ kind, ids: list }: { kind: string; ids: readonly string[] }): PatchOperation {
  if (kind === 'filter') return { op: 'remove', path: `members[value eq "${list[0]}"]`, value: undefined }
  if (kind === 'clear') return { op: 'remove', path: 'members', value: undefined }
  return { op: kind as PatchOperation['op'], path: 'members', value: valuesOf(list) }
}

describe('changeOfPatch', () => {
  test('members come and go as the operations say, one after the other', () => {
    fc.assert(
      fc.property(ids, fc.array(step, { minLength: 1, maxLength: 5 }), (present, steps) => {
        let wanted = new Set(present)
        for (const { kind, ids: list } of steps) {
          if (kind === 'add') wanted = new Set([...wanted, ...list])
          else if (kind === 'replace') wanted = new Set(list)
          else if (kind === 'clear') wanted = new Set()
          else wanted = new Set([...wanted].filter((one) => !(list as readonly string[]).includes(one)))
        }
        const change = changeOfPatch(steps.map(operationOf))
        expect([...(change.members?.(new Set(present)) ?? present)].sort()).toEqual([...wanted].sort())
      }),
    )
  })

  test('fields may come by path or in one value, and members then, too', () => {
    const change = changeOfPatch([
      { op: 'replace', path: null, value: { id: 'g', displayName: 'New', members: valuesOf(['u1']) } },
      { op: 'remove', path: 'externalId', value: undefined },
    ])
    expect(change).toMatchObject({ name: 'New', externalId: null })
    expect([...(change.members?.(new Set(['u2'])) ?? [])]).toEqual(['u1'])
  })

  test.each([
    [{ op: 'add', path: 'role', value: 'owner' }],
    [{ op: 'replace', path: null, value: { grant: { role: 'owner' } } }],
    [{ op: 'remove', path: 'displayName', value: undefined }],
    [{ op: 'add', path: 'members', value: ['u1'] }],
    [{ op: 'add', path: 'members[value eq "u1"]', value: {} }],
    [{ op: 'remove', path: 'members[value', value: undefined }],
    [{ op: 'replace', path: null, value: 'text' }],
  ] as const)('%j is refused', (operation) => {
    expect(() => changeOfPatch([operation])).toThrow(ScimFault)
  })
})
