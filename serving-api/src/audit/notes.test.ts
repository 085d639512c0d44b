import { Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { type Database, DatabaseError, type Queries } from '../database/database.ts'
import { quietLogger } from '../testing/quiet-logger.ts'
import { Notes } from './notes.ts'

const HOUR_MS = 3_600_000

/** Notes over a store that keeps what is inserted, or is away. */
function makeNotes() {
  const state = {
    nowMs: 1_000 * HOUR_MS,
    isAway: false,
    entries: [] as { after: Record<string, unknown>; resourceId: string }[],
  }
  const query = async (text: string, values: readonly unknown[] = []) => {
    if (text.includes('lock_audit_head')) return [{ seq: 0, hash: '', before: values[1], after: values[2] }]
    state.entries.push({ resourceId: String(values[8]), after: values[11] as Record<string, unknown> })
    return []
  }
  const queries: Queries = {
    query: query as Queries['query'],
    script: async () => undefined,
    lastly: async (_name, work) => await work(queries),
  }
  const database: Database = {
    ...queries,
    kind: 'pglite',
    transaction: async (work) => {
      if (state.isAway) throw new DatabaseError('it is away', null)
      return await work(queries)
    },
    close: async () => undefined,
  }
  const registry = new Registry()
  const notes = new Notes({ database, logger: quietLogger, registry, nowMs: () => state.nowMs })
  const take = (fields: { actor?: string; endpoint?: string; subject?: string | null; orgId?: string } = {}) => {
    const { actor = 'user/u1', endpoint = 'GET /v1/events', subject = null, orgId = 'org_a' } = fields
    const doer = { actor, role: 'admin', from: null, requestId: 'r', at: new Date(state.nowMs) }
    notes.take({ orgId, doer, action: 'read', outcome: 'done', endpoint, subject })
  }
  return { state, notes, take, registry }
}

describe('Notes', () => {
  test('the first of an hour is told at once, its repeats once with their count when the hour is over', async () => {
    const { state, notes, take } = makeNotes()
    take()
    await notes.write()
    expect(state.entries.map((e) => e.after['count'])).toEqual([1])
    for (let i = 0; i < 500; i++) take()
    await notes.write()
    expect(state.entries).toHaveLength(1)
    state.nowMs += HOUR_MS
    await notes.write()
    expect(state.entries[1]?.after).toMatchObject({ count: 500, repeats: true })
    take()
    await notes.write()
    expect(state.entries[2]?.after).toMatchObject({ count: 1 })
  })

  test('another actor, endpoint, subject or organisation is another note', async () => {
    const { state, notes, take } = makeNotes()
    take()
    take({ actor: 'user/u2' })
    take({ endpoint: 'GET /v1/users' })
    take({ subject: 'alice@a.example' })
    take({ orgId: 'org_b' })
    await notes.stop()
    expect(state.entries).toHaveLength(5)
    expect(state.entries.map((e) => e.after['subject'])).toContain('alice@a.example')
  })

  test('someone who goes through many people is told of one by one up to a bound, then together', async () => {
    const { state, notes, take } = makeNotes()
    for (let i = 0; i < 1_000; i++) take({ subject: `person-${i}` })
    await notes.stop()
    expect(state.entries).toHaveLength(51)
    const sum = state.entries.reduce((total, e) => total + Number(e.after['count']), 0)
    expect(sum).toBe(1_000)
  })

  test('while the store is away they wait, and nothing is told twice or forgotten', async () => {
    const { state, notes, take } = makeNotes()
    state.isAway = true
    take()
    take()
    await notes.write()
    expect(state.entries).toEqual([])
    state.isAway = false
    take()
    await notes.write()
    await notes.stop()
    expect(state.entries.map((e) => e.after['count'])).toEqual([3])
  })

  test('more than fit while it is away are counted as lost', async () => {
    const { state, notes, take, registry } = makeNotes()
    state.isAway = true
    for (let i = 0; i < 10_100; i++) take({ actor: `user/${i}` })
    await notes.write()
    expect(await registry.getSingleMetric('ecomind_api_audit_notes_lost_total')?.get()).toMatchObject({
      values: [{ value: 100 }],
    })
    state.isAway = false
    await notes.stop()
    expect(state.entries).toHaveLength(10_000)
  })
})
