import type { ClickHouse } from '@ecomind/clickhouse'
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import { describe, expect, test } from 'vitest'
import { onlyOrganisation } from './organisations/organisation.ts'
import { eventQuestion } from './questions/event.ts'
import { eventsQuestion } from './questions/events.ts'
import { quarantineByPosition, quarantineQuestion } from './questions/quarantine.ts'
import { ownRows, question } from './questions/question.ts'
import { reconciliationQuestion } from './questions/reconciliation.ts'
import { usageQuestion } from './questions/usage.ts'
import { FakeClickHouse } from './testing/fake-clickhouse.ts'
import { localKeeper, localScope } from './testing/local-scope.ts'

const none = { params: {}, read: () => null }

describe('question', () => {
  test.each([
    ['a bare table', 'SELECT 1 FROM ecomind.usage_events'],
    ['a table with another condition', 'SELECT 1 FROM ecomind.usage_events WHERE ts > 0'],
    ['a join with a bare table', `SELECT 1 FROM ${ownRows('usage_1d')} JOIN ecomind.usage_1h USING (x)`],
    ['a second table behind a comma', `SELECT 1 FROM system.tables, ${ownRows('usage_1d')}`],
    ['a table function', "SELECT 1 FROM file('/etc/passwd')"],
    ['an OR that widens', `SELECT 1 FROM ${ownRows('usage_1d')} OR 1 = 1`],
    ['no source', 'SELECT 1'],
  ])('%s cannot be built', (_name, text) => {
    expect(() => question({ name: 'test', text, ...none })).toThrow(TypeError)
  })
  test('a question cannot bind the organisation itself', () => {
    const text = `SELECT 1 FROM ${ownRows('usage_1d')}`
    expect(() => question({ name: 'test', text, params: { org_id: 'other' }, read: () => null })).toThrow(TypeError)
  })
})

describe('OrgScope', () => {
  const keeperOf = (clickhouse: FakeClickHouse) => localKeeper({ clickhouse, limits: { maxExecutionMs: 10 } })
  const local = { kind: 'local' } as const
  const position = { generation: 1, partition: 0, offset: 7, index: 3 }
  const questions = [
    eventQuestion('event-1'),
    eventsQuestion({ fromMs: 0, toMs: 1, filters: [], after: { tsMs: 1, eventId: 'x' }, limit: 1 }),
    quarantineQuestion({ reason: 'x', state: 'open', fromMs: 0, toMs: 1, after: { arrivedMs: 0, position }, limit: 1 }),
    quarantineByPosition([position]),
    reconciliationQuestion(0, 3_600_000, 10),
    usageQuestion({
      segments: [
        { table: 'usage_events', fromMs: 1, toMs: 60_000 },
        { table: 'usage_1m', fromMs: 60_000, toMs: 120_000 },
      ],
      bucketing: { kind: 'whole' },
      groupBy: [],
      filters: [],
      rowsMax: 5,
    }),
  ] as const

  test.each(questions.map((q) => [q.name, q] as const))(
    'binds the organisation of %s at every table',
    async (_name, q) => {
      const clickhouse = new FakeClickHouse()
      const scope = await keeperOf(clickhouse).scopeFor(local, LOCAL_ORG_ID, 'usage:read')
      await scope.ask<never, unknown>(q)
      const [asked] = clickhouse.asked
      const { text, params } = asked?.statement ?? { text: '', params: {} }
      const tables = text.match(/ecomind\.\w+/g) ?? []
      const conditions = text.match(/org_id (= \{org_id:String\}|IN \{org_ids:Array\(String\)\})/g) ?? []
      expect(tables.length).toBeGreaterThan(0)
      expect(conditions).toHaveLength(tables.length)
      const bound = [params?.['org_id'], params?.['org_ids']].filter((p) => p !== undefined)
      expect([LOCAL_ORG_ID, [LOCAL_ORG_ID, '']]).toEqual(expect.arrayContaining(bound))
      expect(asked?.limits).toMatchObject({ maxExecutionMs: 10 })
      // Every placeholder has its value and every value its placeholder.
      const placeholders = new Set([...text.matchAll(/\{(\w+):/g)].map((m) => m[1]))
      expect(placeholders).toEqual(new Set(Object.keys(params ?? {})))
    },
  )

  test.each(['other', '', 'ORG_DEMO', 'org_demo '])('another organisation, %j, is not found', async (orgId) => {
    const scope = keeperOf(new FakeClickHouse()).scopeFor(local, orgId, 'usage:read')
    await expect(scope).rejects.toMatchObject({ code: 'not_found' })
  })

  test('one organisation can not take all the room for questions from another', async () => {
    const clickhouse = new FakeClickHouse()
    const answers: (() => void)[] = []
    const waiting: ClickHouse = Object.assign(Object.create(clickhouse), {
      query: () => new Promise((resolve) => answers.push(() => resolve([]))),
    })
    const organisations = { find: async (id: string) => await onlyOrganisation(id, 'UTC').find(id) }
    const keeper = localKeeper({ clickhouse: waiting, questionsMax: 5, organisations })
    const scopeOf = (orgId: string) =>
      keeper.scopeFor(
        { kind: 'key', orgId, keyId: 'k', scopes: ['read'], ofFirstOrganisation: false },
        orgId,
        'usage:read',
      )
    const [greedy, other] = [await scopeOf('org_a'), await scopeOf('org_b')]
    const asked = [1, 2, 3, 4].map(() => greedy.ask(eventQuestion('e')))
    await expect(greedy.ask(eventQuestion('e'))).rejects.toMatchObject({ code: 'overloaded' })
    asked.push(other.ask(eventQuestion('e')))
    await expect(other.ask(eventQuestion('e'))).rejects.toMatchObject({ code: 'overloaded' })
    for (const answer of answers) answer()
    expect(await Promise.all(asked)).toEqual([null, null, null, null, null])
    const again = greedy.ask(eventQuestion('e'))
    answers.at(-1)?.()
    expect(await again).toBeNull()
  })

  test('a note about a row of another organisation is refused', async () => {
    const clickhouse = new FakeClickHouse()
    const row = {
      org_id: 'other',
      log_generation: 1,
      log_partition: 0,
      log_offset: 1,
      log_index: 0,
      event_id: '',
      outcome: 'appended' as const,
      replayed_at: 0,
    }
    const scope = await localScope({ clickhouse })
    await expect(scope.noteReplays([row])).rejects.toThrow(RangeError)
    expect(clickhouse.inserted).toEqual([])
  })
})
