import { describe, expect, test } from 'vitest'
import { parseFactorSet } from './parse-factor-set.ts'
import { tinyFiles } from './test-files.ts'

const quantity = (central: number): string =>
  `{ low: ${central / 2}, central: ${central}, high: ${central * 2}, sources: [paper] }`
const energyOf = (model: string): string => `
  - model: ${model}
    tier: B
    energy:
      form: tokens
      boundary: gpu
      base_wh: ${quantity(0.001)}
      wh_per_1k_in: ${quantity(0.05)}
      wh_per_1k_cache_read: ${quantity(0.01)}
      wh_per_1k_cache_write: ${quantity(0.05)}
      wh_per_1k_out: ${quantity(0.5)}
      wh_per_1k_in_squared: ${quantity(0.001)}
    evidence: { method: measured, sources: [paper] }`
const setWith = (...models: string[]) =>
  parseFactorSet([
    ...tinyFiles,
    {
      name: 'fitted.yaml',
      text: `licence: CC-BY-4.0\nmodel_energies:${models.map((m) => energyOf(m)).join('')}\n`,
    },
  ])

describe('energy of models in a file of its own', () => {
  test('takes the place of that of the class, with its tier and evidence, and leaves the names alone', () => {
    const before = parseFactorSet(tinyFiles).definition.models.find((m) => m.id === 'gpt-4o')
    const after = setWith('gpt-4o').definition.models.find((m) => m.id === 'gpt-4o')
    expect(before?.energy).toBeUndefined()
    expect(after).toMatchObject({ energy: { boundary: 'gpu' }, tier: 'B', evidence: { method: 'measured' } })
    expect([after?.name, after?.aliases, after?.class]).toEqual([before?.name, before?.aliases, before?.class])
    expect(setWith('gpt-4o').factorById('openai/gpt-4o')?.energy).toMatchObject({ wh_per_1k_out: { central: 0.5 } })
  })

  test('refuses a model that does not exist', () => {
    expect(() => setWith('gpt-0')).toThrow(/model_energies gpt-0: no such model/)
  })

  test('refuses a model given twice', () => {
    expect(() => setWith('gpt-4o', 'gpt-4o')).toThrow(/model_energies gpt-4o: is given twice/)
  })

  test('refuses a model whose own record has energy too', () => {
    const files = tinyFiles.map((f) => ({
      ...f,
      text: f.text.replace('    name: GPT-4o\n', '    name: GPT-4o\n    energy: *energy\n'),
    }))
    const fitted = { name: 'fitted.yaml', text: `licence: CC-BY-4.0\nmodel_energies:${energyOf('gpt-4o')}\n` }
    expect(() => parseFactorSet([...files, fitted])).toThrow(/model_energies gpt-4o: the model has energy of its own/)
  })
})
