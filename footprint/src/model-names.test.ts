import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileGlob, modelSpellings } from './model-names.ts'

describe('modelSpellings', () => {
  const cases: [string, string][] = [
    ['openai/gpt-4o', 'gpt-4o'],
    ['models/gemini-2.5-flash', 'gemini-2.5-flash'],
    ['publishers/google/models/gemini-2.5-pro', 'gemini-2.5-pro'],
    ['claude-3-5-sonnet@20240620', 'claude-3-5-sonnet'],
    ['anthropic.claude-3-5-sonnet-20241022-v2:0', 'claude-3-5-sonnet'],
    ['us.anthropic.claude-3-haiku-20240307-v1:0', 'claude-3-haiku'],
    ['arn:aws:bedrock:us-east-1::foundation-model/meta.llama3-1-8b-instruct-v1:0', 'llama3-1-8b-instruct'],
    ['ft:gpt-4o-mini-2024-07-18:acme::abc123', 'gpt-4o-mini'],
    ['GPT-4O-2024-08-06', 'gpt-4o'],
    ['gemini-2.5-flash-preview-05-20', 'gemini-2.5-flash'],
    ['gemini-1.5-pro-002', 'gemini-1.5-pro'],
    ['deepseek/deepseek-r1:free', 'deepseek-r1'],
    ['azure/eu/gpt-4o', 'gpt-4o'],
    ['claude-sonnet-4-20250514', 'claude-sonnet-4'],
  ]
  test.each(cases)('takes the decoration off %s', (decorated, plain) => {
    expect(modelSpellings(decorated)).toContain(plain)
  })
  test('keeps the name as it came first, in lower case', () => {
    expect(modelSpellings(' GPT-4o ')[0]).toBe('gpt-4o')
  })
  test('gives a few distinct spellings of any text and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 128 }), (name) => {
        const spellings = modelSpellings(name)
        expect(spellings.length).toBeGreaterThan(0)
        expect(spellings.length).toBeLessThanOrEqual(7)
      }),
    )
  })
})

describe('compileGlob', () => {
  test('lets * stand for any text and nothing else', () => {
    expect(compileGlob('gpt-4o-*')('gpt-4o-2024')).toBe(true)
    expect(compileGlob('gpt-4o-*')('gpt-4o')).toBe(false)
    expect(compileGlob('*llama-3.1*70b*')('meta-llama-3.1-70b-instruct')).toBe(true)
    expect(compileGlob('*llama-3.1*70b*')('llama-3x1-70b')).toBe(false)
    expect(compileGlob('a*a')('a')).toBe(false)
    expect(compileGlob('gpt')('gpt-4')).toBe(false)
  })
  test('agrees with a regular expression for any pattern and name', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 })
    fc.assert(
      fc.property(text, text, (glob, name) => {
        const wanted = new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '[^]*')}$`)
        expect(compileGlob(glob)(name)).toBe(wanted.test(name))
      }),
      { numRuns: 2000 },
    )
  })
})
