import { describe, expect, test } from 'vitest'
import { guessClass, saysReasoning, statedActiveB, statedParamsB } from './guess-class.ts'
import { loadDefaultFactorSet } from './node.ts'

const set = loadDefaultFactorSet()
const { classes } = set.definition
const classOf = (name: string): string | undefined => guessClass(classes, name)?.id

describe('statedParamsB', () => {
  test.each([
    ['mixtral-8x22b-instruct', 176],
    ['llama-3.2-1.5b', 1.5],
    ['qwen3-235b-a22b', 235],
    ['qwen3.8-2.4t-a95b', 2400],
    ['embedder-300m', 0.3],
    ['model-7b-1m', 7],
    ['gpt-4', undefined],
    ['claude-3-haiku', undefined],
    ['some-128k', undefined],
  ])('of %s is %s', (name, paramsB) => {
    expect(statedParamsB(name)).toBe(paramsB)
  })
  test('statedActiveB reads what a mixture uses for one token', () => {
    expect(statedActiveB('qwen3-235b-a22b')).toBe(22)
    expect(statedActiveB('llama-3.1-70b')).toBeUndefined()
  })
})

describe('saysReasoning', () => {
  test.each(['new-thinking', 'zeta-reasoner', 'zeta-reasoning-9', 'zeta-r1', 'o7', 'o9-mini', 'zeta-think'])(
    'hears it in %s',
    (name) => {
      expect(saysReasoning(name)).toBe(true)
    },
  )
  test.each(['zeta-non-reasoning', 'zeta-r12', 'gpt-4o', 'pro1', 'unthinkable', 'zeta-no-think'])(
    'does not in %s',
    (name) => {
      expect(saysReasoning(name)).toBe(false)
    },
  )
})

describe('guessClass', () => {
  test.each([
    ['zeta-2b', 'nano'],
    ['zeta-12b', 'small'],
    ['zeta-34b-chat', 'medium'],
    ['zeta-120b', 'large'],
    ['zeta-671b', 'frontier'],
    ['zeta-1.2t', 'frontier'],
    ['zeta-200b-a4b', 'medium'],
    ['zeta-mini', 'small'],
    ['zeta-pro', 'frontier'],
    ['zeta-opus-9', 'frontier'],
    ['big-mini-671b', 'frontier'],
    ['minimal', undefined],
    ['zeppelin', undefined],
    ['arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/mini12b', undefined],
    ['arn:aws:bedrock:us-east-1:123456789012:provisioned-model/large7b', undefined],
  ])('of %s is %s', (name, id) => {
    expect(classOf(name)).toBe(id)
  })
  test('puts what a model is for before its size, and hears it in the path too', () => {
    const embedding = classOf('zeta-embedding')
    expect(classes.find((c) => c.id === embedding)?.rank).toBeUndefined()
    expect(classOf('zeta-embed-8b')).toBe(embedding)
    expect(classOf('rerank/zeta-pro')).toBe(embedding)
  })
  test('is at most one class off for the models of the set whose name states their size', () => {
    const ranks = new Map(classes.map((c) => [c.id, c.rank]))
    const stated = set.definition.models.filter((m) => ranks.get(m.class) !== undefined && statedParamsB(m.id))
    expect(stated.length).toBeGreaterThan(100)
    const off = stated.filter((m) => {
      const guess = classOf(m.id)
      const rank = guess === undefined ? undefined : ranks.get(guess)
      return rank === undefined || Math.abs(rank - (ranks.get(m.class) ?? 0)) > 1
    })
    // Its name does not tell that only 5 of the 120 billion are active.
    expect(off.map((m) => m.id)).toEqual(['gpt-oss-120b'])
  })
})
