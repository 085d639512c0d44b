import { expect, test } from 'vitest'
import { Exchange } from './http-server.ts'
import { InFlightBudget } from './in-flight-budget.ts'
import type { EngineResponse } from './load-uws.ts'
import { BodyReader } from './read-body.ts'
import { RequestHead } from './request-head.ts'
import { SlowBodies } from './slow-bodies.ts'

test('a refusal of a slow body that throws fails its request; the other bodies are looked at all the same', () => {
  let nowMs = 0
  const slow = new SlowBodies(1000, () => nowMs)
  slow.stop()
  const heard: string[] = []
  const failed = (_: Exchange, fault: unknown) => void heard.push(`failed: ${(fault as Error).message}`)
  const limits = { maxBytes: 1000, stallMs: 1000, minBytesPerStall: 1 }
  const readSlowly = (refuse: () => void) => {
    const response = { onAborted: () => {}, onData: () => {} } as unknown as EngineResponse
    const exchange = new Exchange(response, new RequestHead(), { ended: () => {}, failed })
    new BodyReader(exchange, limits, new InFlightBudget(10_000), slow, { receive: () => {}, refuse }).start(10)
  }
  readSlowly(() => heard.push('refused'))
  readSlowly(() => {
    throw new Error('boom')
  })
  readSlowly(() => heard.push('refused'))
  nowMs = 1000
  slow.check()
  expect(heard).toEqual(['refused', 'failed: boom', 'refused'])
})
