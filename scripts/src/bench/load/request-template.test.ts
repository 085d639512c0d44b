import { usageEventInput } from '@ecomind/schemas'
import { describe, expect, it } from 'vitest'
import { TemplateFiller } from './fill-template.ts'
import type { LoadPlan } from './load-plan.ts'
import { makeTemplates, modelName, type RequestTemplate } from './request-template.ts'

const TRACE = [
  { offsetMs: 0, tokensIn: 374, tokensOut: 44 },
  { offsetMs: 1, tokensIn: 9, tokensOut: 1090 },
  { offsetMs: 2, tokensIn: 12_000, tokensOut: 7 },
]
const NOW_MS = 1_795_600_000_123

const planOf = (change: Partial<LoadPlan> = {}): LoadPlan => ({
  host: '127.0.0.1',
  port: 1,
  path: '/v1/ingest',
  connections: 4,
  ratePerSecond: null,
  durationMs: 1,
  eventsMax: null,
  batch: 5,
  ids: 'uuid',
  users: 2000,
  models: 4,
  retry: false,
  ...change,
})

interface Event {
  readonly event_id: string
  readonly user_id: string
  readonly model: string
  readonly tokens_in: number
  readonly tokens_out: number
  readonly ts: number
}

function eventsOf(template: RequestTemplate): Event[] {
  const [head = '', body = ''] = template.bytes.toString('utf8').split('\r\n\r\n')
  expect(head).toMatch(/^POST \/v1\/ingest HTTP\/1\.1\r\nhost: /)
  expect(Number(/content-length: (\d+)/.exec(head)?.[1])).toBe(Buffer.byteLength(body))
  const parsed = JSON.parse(body) as Event | Event[]
  return Array.isArray(parsed) ? parsed : [parsed]
}

const idSum = (events: readonly Event[]) =>
  Number(events.reduce((sum, e) => sum + BigInt(`0x${e.event_id.slice(-8)}`), 0n) % 2n ** 32n)

describe.each([
  { name: 'batches with UUIDv7 ids', plan: planOf() },
  { name: 'single events', plan: planOf({ batch: 1 }) },
  { name: 'counted ids', plan: planOf({ ids: 'counter' }) },
  { name: 'one user', plan: planOf({ users: 1, models: 1 }) },
  { name: 'many users and models', plan: planOf({ users: 100_000, models: 100 }) },
])('requests: $name', ({ plan }) => {
  const templates = makeTemplates(plan, TRACE)
  const filler = new TemplateFiller(plan)
  const sent = templates.flatMap((template) => {
    const sum = filler.fill(template, NOW_MS)
    const events = eventsOf(template)
    expect(idSum(events)).toBe(sum)
    expect(events.reduce((n, e) => n + e.tokens_in, 0)).toBe(template.tokensIn)
    expect(events.reduce((n, e) => n + e.tokens_out, 0)).toBe(template.tokensOut)
    return events
  })

  it('are events that the contract takes', () => {
    for (const event of sent.slice(0, 50)) expect(usageEventInput.safeParse(event).error).toBeUndefined()
    expect(sent).toHaveLength(templates.length * plan.batch)
    expect(templates.length).toBeGreaterThan(plan.connections)
  })

  it('never share an id, also when a template is sent again', () => {
    const again = templates.flatMap((template) => {
      filler.fill(template, NOW_MS + 1)
      return eventsOf(template)
    })
    const ids = [...sent, ...again].map((e) => e.event_id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('carry the time they are sent at, across every carry of digits', () => {
    const [template] = templates
    if (template === undefined) throw new Error('no template')
    for (const ms of [NOW_MS, NOW_MS + 1, 1_795_600_999_999, 1_795_601_000_000, 1_799_999_999_999, 1_800_000_000_000]) {
      filler.fill(template, ms)
      for (const event of eventsOf(template)) {
        expect(event.ts).toBe(ms)
        if (plan.ids === 'uuid') expect(Number(`0x${event.event_id.replace('-', '').slice(0, 12)}`)).toBe(ms)
      }
    }
  })

  it('come from no more users and models than were asked for, three models a user', () => {
    const users = new Set(sent.map((e) => e.user_id))
    expect(users.size).toBeLessThanOrEqual(plan.users)
    for (const user of users) expect(Number(user.slice(5))).toBeLessThan(plan.users)
    expect(new Set(sent.map((e) => e.model)).size).toBe(plan.models)
    const ofUser = (user: string) => new Set(sent.filter((e) => e.user_id === user).map((e) => e.model))
    if (plan.users > plan.models) for (const user of [...users].slice(0, 20)) expect(ofUser(user).size).toBeLessThan(4)
  })
})

it('UUIDv7 ids have version and variant in their places', () => {
  const plan = planOf()
  const [template] = makeTemplates(plan, TRACE)
  if (template === undefined) throw new Error('no template')
  new TemplateFiller(plan).fill(template, NOW_MS)
  for (const { event_id } of eventsOf(template))
    expect(event_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

it('model names are all different', () => {
  expect(new Set(Array.from({ length: 100 }, (_, n) => modelName(n).model)).size).toBe(100)
})
