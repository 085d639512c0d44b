import fc from 'fast-check'
import { type Filter, filter, parse, stringify } from 'scim2-parse-filter'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database, DatabaseValue } from '../database/database.ts'
import { insertUser, toUser, USER_COLUMNS, type UserRow } from '../directory/user-store.ts'
import { insertOrganisation } from '../organisations/organisation-store.ts'
import { openTestStore } from '../testing/test-store.ts'
import { filterSql } from './filter-sql.ts'
import { USER_ATTRIBUTES } from './list-resources.ts'
import { userResource } from './user-resource.ts'

/** In lower case: the library compares with the case, SCIM and we without it. */
const WORDS = ['', 'a', 'ada', 'ab%', "o'b", 'a_a', 'zoe', 'x\\y']
let database: Database
let resources: readonly ReturnType<typeof userResource>[]

beforeAll(async () => {
  database = await openTestStore()
  const at = new Date('2026-01-01T00:00:00Z')
  await database.transaction(async (queries) => {
    await insertOrganisation(queries, { id: 'o', name: 'o', timezone: 'UTC', retentionDays: 1, isFirst: true, at })
    for (const [i, word] of WORDS.entries())
      await insertUser(queries, 'o', {
        id: `u${i}`,
        email: `${i}@a.example`,
        name: `${word}n`,
        userName: i % 2 === 0 ? null : `name${i}`,
        givenName: word === '' ? null : word,
        familyName: WORDS[(i + 3) % WORDS.length] || null,
        externalId: i % 3 === 0 ? null : `e${i % 2}`,
        usageUserId: null,
        active: i % 2 === 0,
        source: 'scim',
        version: 1,
        createdAt: at,
        updatedAt: at,
      })
  })
  const rows = await database.query<UserRow>(`SELECT ${USER_COLUMNS} FROM ecomind.users`)
  resources = rows.map((row) => userResource(toUser(row), [], ''))
})
afterAll(async () => {
  await database.close()
})

const textPath = fc.constantFrom(
  'id',
  'userName',
  'externalId',
  'displayName',
  'name.givenName',
  'name.familyName',
  'emails.value',
)
const textOp = fc.constantFrom('eq' as const, 'ne' as const, 'co' as const, 'sw' as const, 'ew' as const)
const word = fc.constantFrom(...WORDS, 'n', '1', 'name1', 'e0', '@a.example', 'u')
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ op: textOp, attrPath: textPath, compValue: word }),
  fc.record({ op: fc.constant('pr' as const), attrPath: textPath }),
  fc.record({
    op: fc.constantFrom('eq' as const, 'ne' as const),
    attrPath: fc.constant('active'),
    compValue: fc.boolean(),
  }),
  fc.record({
    op: fc.constant('[]' as const),
    attrPath: fc.constant('emails'),
    valFilter: fc.record({ op: textOp, attrPath: fc.constant('value'), compValue: word }),
  }),
)
const { tree } = fc.letrec<{ tree: Filter }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.record({ op: fc.constant('not' as const), filter: tie('tree') }),
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      filters: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
    }),
  ),
}))

describe('filterSql', () => {
  test('the database finds whom the library’s own reading of the filter finds', async () => {
    await fc.assert(
      fc.asyncProperty(tree, async (wanted) => {
        const text = stringify(wanted)
        const values: DatabaseValue[] = []
        const sql = filterSql(text, USER_ATTRIBUTES, values)
        const rows = await database.query<{ id: string }>(
          `SELECT id FROM ecomind.users u WHERE ${sql} ORDER BY id COLLATE "C"`,
          values,
        )
        const expected = resources.filter(filter(parse(text))).map((r) => r.id)
        expect(
          rows.map((r) => r.id),
          text,
        ).toEqual(expected.sort())
      }),
      { numRuns: 150 },
    )
  })

  test('values never become SQL, attributes only from the table', () => {
    const values: DatabaseValue[] = []
    const hostile = `'; DROP TABLE ecomind.users; --`
    expect(filterSql(`userName eq "${hostile}" or externalId co "$1"`, USER_ATTRIBUTES, values)).not.toContain('DROP')
    expect(values).toEqual([hostile, '$1'])
    for (const path of ['constructor', '__proto__', 'toString', 'password', "u.id) OR ('1"])
      expect(() => filterSql(`${path} eq "x"`, USER_ATTRIBUTES, [])).toThrow(
        expect.objectContaining({ scimType: 'invalidFilter' }),
      )
  })

  test.each([
    'userName',
    'userName eq',
    'active gt true',
    'meta.created co "2026"',
    'meta.created gt "yesterday"',
    `${'not '.repeat(30)}userName pr`,
    Array.from({ length: 60 }, () => 'userName pr').join(' or '),
    `userName eq "${'x'.repeat(2000)}"`,
  ])('%s is refused', (text) => {
    expect(() => filterSql(text, USER_ATTRIBUTES, [])).toThrow(expect.objectContaining({ scimType: 'invalidFilter' }))
  })
})
