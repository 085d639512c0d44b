/** Rules for strings. */
import { TAG_KEY_LENGTH_MAX, TAG_VALUE_LENGTH_MAX, type TextRule, UNPRINTABLE } from '@ecomind/schemas'

export const TAG_KEY = { kind: 'string', min: 1, max: TAG_KEY_LENGTH_MAX } as const
export const TAG_VALUE = { kind: 'string', min: 0, max: TAG_VALUE_LENGTH_MAX } as const

/** @param plain see `ParsedEvents.plain`: the characters need no look */
export function isText(value: unknown, rule: TextRule, plain: boolean): value is string {
  if (typeof value !== 'string') return false
  const length = plain ? value.length : lengthInCharacters(value)
  if (length < rule.min || length > rule.max || (!plain && UNPRINTABLE.test(value))) return false
  return rule.pattern === undefined || rule.pattern.test(value)
}

/** Unicode code points: a surrogate pair is one character. */
export function lengthInCharacters(text: string): number {
  let length = text.length
  for (let i = 0; i + 1 < text.length; i++) {
    const isPair = (text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00
    if (!isPair) continue
    length--
    i++
  }
  return length
}
