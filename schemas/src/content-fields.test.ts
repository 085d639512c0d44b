import { describe, expect, test } from 'vitest'
import { isContentField } from './content-fields.ts'

describe('isContentField', () => {
  test.each([
    'prompt',
    'PROMPT',
    'pro-mpt',
    'prompt ',
    ' system prompt',
    'systemPrompt',
    'inputText',
    'output.text',
    'message/content',
    '__messages__',
    'prompt\u0000',
    'pro\u200bmpt',
    'ｐｒｏｍｐｔ',
  ])('%j names content', (key) => {
    expect(isContentField(key)).toBe(true)
  })

  test.each(['', '___', 'tokens_in', 'prompt_version', 'context', 'app', 'team', 'Ключ', '😀'])(
    '%j does not',
    (key) => {
      expect(isContentField(key)).toBe(false)
    },
  )
})
