import { afterEach, describe, expect, test, vi } from 'vitest'
import { asApiError } from './api-error.ts'
import { addressOf, ask } from './ask.ts'

function answerWith(body: string, init: ResponseInit): void {
  vi.stubGlobal('fetch', async () => new Response(body, init))
}

async function failureOf(path: string) {
  return asApiError(await ask(path, [], ['items']).catch((error: unknown) => error))
}

describe('ask', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  test('repeats a parameter and escapes its values', () => {
    const params = [
      ['filter', 'user_id:a&b=c'],
      ['filter', '-model:x y'],
    ] as const
    expect(addressOf('/v1/usage', params)).toBe('/v1/usage?filter=user_id%3Aa%26b%3Dc&filter=-model%3Ax+y')
  })

  test('gives the answer when the fields that matter are there', async () => {
    answerWith('{"items":[1]}', { status: 200 })
    expect(await ask<{ items: number[] }>('/v1/events', [], ['items'])).toEqual({ items: [1] })
  })

  test('an error of ours carries its code, words and request id', async () => {
    answerWith('{"error":{"code":"database_unavailable","message":"The database does not answer","request_id":"r1"}}', {
      status: 503,
    })
    expect(await failureOf('/v1/usage')).toMatchObject({
      code: 'database_unavailable',
      status: 503,
      message: 'The database does not answer',
      requestId: 'r1',
      retryable: true,
    })
  })

  test('a page of a proxy becomes a plain sentence, with the id from the header', async () => {
    answerWith('<html>Bad gateway</html>', { status: 502, headers: { 'x-request-id': 'r2' } })
    expect(await failureOf('/v1/usage')).toMatchObject({
      message: 'The server answered with status 502',
      requestId: 'r2',
    })
  })

  test('an answer of another shape is refused, and not worth a retry', async () => {
    answerWith('{"hello":"world"}', { status: 200 })
    expect(await failureOf('/v1/events')).toMatchObject({ code: 'unexpected_answer', retryable: false })
  })

  test('no connection at all is told as such', async () => {
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('Failed to fetch')
    })
    expect(await failureOf('/v1/events')).toMatchObject({ code: 'unreachable', status: 0, retryable: true })
  })
})
