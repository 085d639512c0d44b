import { describe, expect, test } from 'vitest'
import { ApiError } from '../api/api-error.ts'
import { textOfCode, textOfError } from './sign-in-texts.ts'

describe('what the sign-in page says', () => {
  test.each([
    [undefined, 'a moment'],
    [1, 'a second'],
    [29.2, '30 seconds'],
    [60, 'a minute'],
    [61, '2 minutes'],
  ])('a lock of %s s is %s', (seconds, text) => {
    expect(textOfError(new ApiError('rate_limited', 429, 'x', undefined, seconds))).toBe(
      `Too many tries. Wait ${text} and try again.`,
    )
  })

  test('a code that is not known is still a sentence, and never shown as it came', () => {
    expect(textOfCode('constructor')).toBe('The sign-in did not go through. Try again.')
  })

  test('an error that has no sentence of its own says what the server says', () => {
    expect(textOfError(new ApiError('conflict', 409, 'There is a first organisation already'))).toBe(
      'There is a first organisation already',
    )
  })
})
