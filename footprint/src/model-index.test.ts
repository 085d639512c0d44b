import { describe, expect, test } from 'vitest'
import { ambiguousCanonicalNames, modelIndex } from './model-index.ts'
import { loadDefaultFactorSet } from './node.ts'

const { models } = loadDefaultFactorSet().definition
const find = modelIndex(models)
const idOf = (name: string): string | undefined => find(name)?.model.id

describe('modelIndex', () => {
  test('has no canonical name that means two models of the set', () => {
    expect(ambiguousCanonicalNames(models)).toEqual([])
  })
  test('finds every model by its id and by each alias, in any case', () => {
    for (const m of models) {
      expect(find(m.id)).toEqual({ model: m, kind: 'exact' })
      for (const alias of m.aliases) expect(find(alias.toUpperCase())?.model.id).toBe(m.id)
    }
  })
  test('leads an ambiguous canonical name nowhere', () => {
    const [first] = models
    if (first === undefined) throw new Error('a set without models')
    const named = (id: string, alias: string) => ({ ...first, id, aliases: [alias], patterns: [] })
    const two = [named('left', 'twin-7b'), named('right', 'twin-7b-instruct')]
    expect(ambiguousCanonicalNames(two)).toEqual(['twin-7b: left and right'])
    expect(modelIndex(two)('twin-7b-fp8')).toBeUndefined()
    expect(modelIndex(two)('twin-7b')?.model.id).toBe('left')
  })
  test('asks the outer parts of a path last, and only those that look like a model', () => {
    expect(idOf('gpt-4o-mini/my-deployment')).toBe('gpt-4o-mini')
    expect(idOf('gpt-4o/gpt-4o-mini')).toBe('gpt-4o-mini')
    expect(idOf('mistral/zeppelin')).toBeUndefined()
  })
})
