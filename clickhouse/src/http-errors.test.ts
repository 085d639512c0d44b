/** Every failure over HTTP: worth another try or not, and what became of the statement. The table of docs/failure-modes.md. */
import { describe, expect, test } from 'vitest'
import { errorInAnswer, networkError, timeoutError } from './http-errors.ts'

const answer = (status: number, body: string, exceptionCode: number | null = null) => ({ status, body, exceptionCode })

describe('errorInAnswer', () => {
  test('a good answer has none', () => {
    expect(errorInAnswer('ask', answer(200, ''))).toBeNull()
  })

  test.each([
    [252, true, 'answered', 'TOO_MANY_PARTS'],
    [242, true, 'answered', 'TABLE_IS_READ_ONLY'],
    [164, true, 'answered', 'READONLY'],
    [241, true, 'answered', 'MEMORY_LIMIT_EXCEEDED'],
    [243, true, 'answered', 'NOT_ENOUGH_SPACE'],
    [202, true, 'answered', 'TOO_MANY_SIMULTANEOUS_QUERIES'],
    [516, true, 'answered', 'AUTHENTICATION_FAILED'],
    [497, true, 'answered', 'ACCESS_DENIED'],
    [286, true, 'answered', 'UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE'],
    [159, true, 'unknown', 'TIMEOUT_EXCEEDED'],
    [210, true, 'unknown', 'NETWORK_ERROR'],
    [319, true, 'unknown', 'UNKNOWN_STATUS_OF_INSERT'],
    [999, true, 'unknown', 'KEEPER_EXCEPTION'],
    [60, false, 'answered', 'code 60'],
    [62, false, 'answered', 'code 62'],
  ])('exception code %i: retryable %s, outcome %s', (code, retryable, outcome, name) => {
    const words = `Code: ${code}. DB::Exception: said the server. (X)`
    for (const given of [answer(500, words, code), answer(500, words), answer(200, words, code)]) {
      const error = errorInAnswer('insert', given)
      expect(error).toMatchObject({ code, retryable, outcome })
      expect(error?.message).toContain(name)
    }
  })

  test('the header is believed before the words', () => {
    expect(errorInAnswer('ask', answer(500, 'Code: 62. no', 252))).toMatchObject({ code: 252 })
  })

  test.each([
    [401, true, 'answered'],
    [403, true, 'answered'],
    [404, true, 'answered'],
    [408, true, 'unknown'],
    [413, false, 'answered'],
    [414, false, 'answered'],
    [429, true, 'answered'],
    [301, false, 'answered'],
    [500, true, 'unknown'],
    [502, true, 'unknown'],
    [503, true, 'unknown'],
    [504, true, 'unknown'],
  ])('status %i of something in between: retryable %s, outcome %s', (status, retryable, outcome) => {
    const error = errorInAnswer('insert', answer(status, '<html><body>Sorry</body></html>'))
    expect(error).toMatchObject({ code: null, retryable, outcome })
    expect(error?.message).toContain(`HTTP ${status} and no answer of ClickHouse`)
  })
})

describe('networkError', () => {
  const failure = (code: string) => Object.assign(new Error(`failed ${code}`), { code })

  test.each([
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ])('%s before anything was sent may pass later', (code) => {
    expect(networkError('ask', failure(code), true)).toMatchObject({ code: null, retryable: true, outcome: 'not-sent' })
  })

  test.each(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'])(
    '%s on an open connection has an unknown outcome',
    (code) => {
      expect(networkError('ask', failure(code), false)).toMatchObject({ retryable: true, outcome: 'unknown' })
    },
  )

  test('a mistake of ours would fail again just the same', () => {
    expect(networkError('ask', new TypeError('Invalid character in header content'), true).retryable).toBe(false)
  })

  test('carries nothing of the request, whatever the driver hangs on its error', () => {
    const cause = Object.assign(failure('ECONNRESET'), { request: { headers: { authorization: 'secret' } } })
    expect(JSON.stringify(Object.entries(networkError('ask', cause, false).cause ?? {}))).not.toContain('secret')
  })
})

describe('timeoutError', () => {
  test('says how long it was and that the outcome is unknown', () => {
    expect(timeoutError('insert', 500, false)).toMatchObject({ retryable: true, outcome: 'unknown' })
    expect(timeoutError('insert', 500, false).message).toContain('500 ms')
    expect(timeoutError('insert', 500, true)).toMatchObject({ outcome: 'not-sent' })
  })
})
