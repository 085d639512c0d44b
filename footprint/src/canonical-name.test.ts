import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalName } from './canonical-name.ts'

describe('canonicalName', () => {
  test.each([
    ['llama-v3p1-70b-instruct', 'llama-3.1-70b'],
    ['llama3.1:70b-instruct-q4_k_m', 'llama-3.1-70b'],
    ['llama3-1-70b-instruct', 'llama-3.1-70b'],
    ['meta-llama-3.1-70b-instruct-turbo', 'llama-3.1-70b'],
    ['llama-3-8b', 'llama-3-8b'],
    ['mixtral-8x22b-instruct-v0.1', 'mixtral-8x22b'],
    ['qwen2p5-coder-32b-instruct-128k', 'qwen-2.5-coder-32b'],
    ['databricks-claude-sonnet-4-5', 'claude-sonnet-4.5'],
    ['claude-3-5-haiku', 'claude-3.5-haiku'],
    ['command-r+', 'command-r-plus'],
    ['gpt4o', 'gpt-4o'],
    ['gpt-oss:120b', 'gpt-oss-120b'],
    ['grok-4-20-reasoning', 'grok-4.20-reasoning'],
  ])('writes %s as %s', (name, canonical) => {
    expect(canonicalName(name)).toBe(canonical)
  })
  test.each([
    ['gpt-4o', 'gpt-4o-mini'],
    ['o1', 'o1-mini'],
    ['gpt-4', 'gpt-4-turbo'],
    ['gpt-5', 'gpt-5-chat'],
    ['qwen3-8b', 'qwen3.8b'],
    ['llama-3-8b', 'llama-3.8b'],
    ['qwen3-235b-a22b', 'qwen3-235b-a22b-thinking'],
    ['qwen2.5-7b', 'qwen2.5-coder-7b'],
    ['claude-3-5-haiku', 'claude-3-5-sonnet'],
    ['mistral-7b', 'mistral-large'],
  ])('keeps %s and %s apart', (one, other) => {
    expect(canonicalName(one)).not.toBe(canonicalName(other))
  })
  test('is the same however hosts write version, size and serving', () => {
    const family = fc.constantFrom('llama', 'qwen', 'gemma', 'granite')
    const digit = fc.integer({ min: 1, max: 9 })
    const sizeB = fc.constantFrom('3b', '8b', '1.5b', '70b', '8x7b', '235b-a22b')
    const serving = fc.subarray(['instruct', 'hf', 'fp8', 'awq', 'turbo', '128k'])
    fc.assert(
      fc.property(family, digit, digit, sizeB, serving, (name, major, minor, size, words) => {
        const plain = `${name}-${major}.${minor}-${size}`
        const tail = words.map((word) => `-${word}`).join('')
        const spellings = [
          `${name}-v${major}p${minor}-${size.replace(/(\d)\.(\d)/, '$1p$2')}${tail}`,
          `${name}${major}.${minor}:${size}${tail}-q4_k_m`,
          `${name}${major}-${minor}-${size}${tail}`,
          `databricks-${name}_${major}_${minor}_${size}${tail}`,
        ]
        for (const spelling of spellings) expect(canonicalName(spelling)).toBe(plain)
      }),
    )
  })
})
