/** What the mock remembers: the calls of each scenario, and those that were posted to it. */
import type { EventItem } from '@ecomind/schemas'
import { MODELS } from './catalogue.ts'
import { eventOf, type MockEvent, sampleEvents } from './events.ts'
import { MockFault } from './mock-fault.ts'
import type { Scenario } from './scenarios.ts'

export const MOCK_ORG_ID = 'org_demo'

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

export class MockStore {
  readonly #samples = new Map<boolean, MockEvent[]>()
  readonly #posted: MockEvent[] = []
  readonly #startMs: number

  constructor(startMs: number) {
    this.#startMs = startMs
  }

  /** Oldest first. */
  events(scenario: Scenario): MockEvent[] {
    if (scenario === 'empty') return this.#posted
    const longNames = scenario === 'long-names'
    let sample = this.#samples.get(longNames)
    if (sample === undefined) {
      sample = sampleEvents(MOCK_ORG_ID, this.#startMs, longNames)
      this.#samples.set(longNames, sample)
    }
    return [...sample, ...this.#posted]
  }

  find(scenario: Scenario, eventId: string): MockEvent {
    const found = this.events(scenario).find((event) => event.item.event_id === eventId)
    if (found === undefined) throw new MockFault(404, 'not_found', `There is no event ${eventId}`)
    return found
  }

  /** Takes one event as the edge would, with far fewer checks. */
  post(body: unknown): EventItem {
    if (!isRecord(body)) throw new MockFault(400, 'not_an_object', 'Read the event: it is no JSON object')
    const template = MODELS.find((known) => known.model === body['model'])
    const model = template ?? { ...(MODELS.at(-1) as (typeof MODELS)[number]), model: String(body['model']) }
    const event = eventOf(MOCK_ORG_ID, `posted-${String(this.#posted.length).padStart(6, '0')}`, {
      tsMs: Date.parse(String(body['ts'])),
      model,
      userId: String(body['user_id']),
      teamId: null,
      tokensIn: Number(body['tokens_in']),
      tokensOut: Number(body['tokens_out']),
      regionInferred: body['region'] === undefined,
      estimated: false,
    })
    this.#posted.push(event)
    return event.item
  }

  /** Forgets what was posted. */
  reset(): void {
    this.#posted.length = 0
  }
}
