/** Names as people and gateways write them: each leads to the model it means, and a false friend never does. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { modelSpellings, outerSegments } from './model-names.ts'
import { loadDefaultFactorSet } from './node.ts'

const set = loadDefaultFactorSet()
const read = (name: string): string => readFileSync(new URL(`../corpus/${name}`, import.meta.url), 'utf8')
const byModel = z.record(z.string(), z.array(z.string()).min(1))
const corpus = z.object({ from_litellm: byModel, by_hand: byModel }).parse(parse(read('spellings.yaml')))
const pairs = Object.values(corpus).flatMap((part) =>
  Object.entries(part).flatMap(([model, names]) => names.map((name) => ({ name, model }))),
)

describe('the corpus of spellings', () => {
  test('holds at least 600 spellings', () => {
    expect(pairs.length).toBeGreaterThanOrEqual(600)
  })
  test('leads each spelling to its model, whatever the case', () => {
    const found = ({ name }: { name: string }) => set.resolveFactor('openrouter', name)
    const wrong = pairs
      .map((pair) => ({ ...pair, found: found(pair).factor.model, kind: found(pair).kind }))
      .filter((p) => p.found !== p.model || p.kind === 'class' || p.kind === 'unknown')
    expect(wrong).toEqual([])
    const loud = pairs.filter(
      ({ name, model }) => set.resolveFactor('x', ` ${name.toUpperCase()} `).factor.model !== model,
    )
    expect(loud).toEqual([])
  })
})

describe('the whole list of LiteLLM', () => {
  const rows = read('litellm-names.tsv')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [mode = '', provider = '', name = ''] = line.split('\t')
      return { mode, provider, kind: set.resolveFactor(provider, name).kind }
    })
  const share = (wanted: readonly string[], of = rows): number =>
    of.filter((r) => wanted.includes(r.kind)).length / of.length
  test('is known to at least 97 % by name or class, and to 95 % by name', () => {
    expect(rows.length).toBeGreaterThan(4000)
    expect(share(['exact', 'alias', 'pattern', 'class'])).toBeGreaterThanOrEqual(0.97)
    expect(share(['exact', 'alias', 'pattern'])).toBeGreaterThanOrEqual(0.95)
  })
  test.each(['chat', 'responses', 'embedding', 'rerank'])('is known to at least 95 %% by name in mode %s', (mode) => {
    const of = rows.filter((r) => r.mode === mode)
    expect(of.length).toBeGreaterThan(30)
    expect(share(['exact', 'alias', 'pattern'], of)).toBeGreaterThanOrEqual(0.95)
  })
})

describe('false friends', () => {
  test.each([
    ['mistral-7b', 'mistral-large-2'],
    ['mistral-7b-instruct', 'mistral-large-3'],
    ['gpt-4o-mini', 'gpt-4o'],
    ['gpt-4o', 'gpt-4'],
    ['gpt-4', 'gpt-4-turbo'],
    ['gpt-4.1', 'gpt-4'],
    ['gpt-4.1-nano', 'gpt-4.1-mini'],
    ['o1', 'o1-mini'],
    ['o1-pro', 'o1'],
    ['o3-mini', 'o3'],
    ['o3', 'o1'],
    ['gpt-5', 'gpt-5-mini'],
    ['gpt-5.6-luna-pro', 'gpt-5.6-luna'],
    ['claude-3-5-haiku', 'claude-3.5-sonnet'],
    ['claude-3-haiku', 'claude-3.5-haiku'],
    ['claude-opus-4-5', 'claude-opus-4'],
    ['claude-opus-5-5', 'claude-opus-5'],
    ['gemini-1.5-flash-8b', 'gemini-1.5-flash'],
    ['gemini-2.5-flash-lite', 'gemini-2.5-flash'],
    ['llama-3-70b', 'llama-3.1-70b'],
    ['llama-3.1-8b', 'llama-3.1-70b'],
    ['llama-3.1-nemotron-70b-instruct', 'llama-3.1-70b'],
    ['llama-guard-3-8b', 'llama-3.1-8b'],
    ['qwen2.5-coder-7b', 'qwen2.5-7b'],
    ['qwen3-8b', 'qwen3-vl-8b'],
    ['qwen3-235b-a22b-thinking-2507', 'qwen3-235b-a22b'],
    ['deepseek-r1-distill-qwen-7b', 'deepseek-r1'],
    ['deepseek-coder-33b', 'deepseek-v3'],
    ['grok-4-fast-non-reasoning', 'grok-4-fast'],
    ['nova-2-lite', 'nova-lite'],
    ['phi-4-mini', 'phi-4'],
    ['command-r7b', 'command-r'],
    ['text-embedding-3-large', 'text-embedding-3-small'],
    ['snowflake-arctic-embed-l', 'snowflake-arctic'],
    ['glm-4.5-air', 'glm-4.5'],
    ['minimax-m3', 'minimax-m2'],
  ])('%s is not %s', (name, other) => {
    const { factor, kind } = set.resolveFactor('openrouter', name)
    expect(factor.model).not.toBe(other)
    expect(['exact', 'alias', 'pattern']).toContain(kind)
    expect(set.resolveFactor('openrouter', other).factor.model).toBe(other)
  })
  test.each(['gpt-9', 'gpt-9-mini', 'claude-haiku-9', 'llama-9-70b', 'zeta-o3-mini-pro', 'gemini-9-flash'])(
    '%s, never seen, is guessed by its class and flagged',
    (name) => {
      const { kind, flags } = set.resolveFactor('openai', name)
      expect(kind).toBe('class')
      expect(flags.map((f) => f.code)).toContain('model_guessed_by_class')
    },
  )
  test('a profile whose id somebody made up is unknown, not guessed', () => {
    const arn = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/gpt4omini7b'
    expect(set.resolveFactor('bedrock', arn).kind).toBe('unknown')
  })
})

describe('hostile names', () => {
  const bomb = fc.constantFrom(
    ...['-', '.', ':', '/', '@', 'a', '1', '-1', 'v1', 'a1', '-q4', '-8b', 'p1', 'arn:', 'ft:'],
  )
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 128 }),
    fc.tuple(bomb, bomb, fc.integer({ min: 1, max: 50_000 })).map(([a, b, n]) => `${a.repeat(n)}${b}`),
    fc.tuple(bomb, bomb, fc.integer({ min: 1, max: 20_000 })).map(([a, b, n]) => `gpt-${`${a}${b}`.repeat(n)}`),
  )
  test('give few and short spellings, so that the work for one is bounded however long it is', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const all = [...modelSpellings(name), ...outerSegments(name)]
        expect(all.length).toBeLessThanOrEqual(7 + 6 * 8)
        // Lower case may be longer than what it was made of, by a factor of 3 at most.
        for (const spelling of all) expect(spelling.length).toBeLessThanOrEqual(3 * 256)
      }),
      { numRuns: 500 },
    )
  })
  test('resolve to some factor and never throw', () => {
    fc.assert(
      fc.property(hostile, hostile, (provider, name) => {
        const { factor, kind } = set.resolveFactor(provider, name)
        expect(set.factorById(factor.id)).toBe(factor)
        expect(['exact', 'alias', 'pattern', 'class', 'unknown']).toContain(kind)
      }),
      { numRuns: 500 },
    )
  })
})
