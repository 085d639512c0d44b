/** The models that ship: enough of them, their class by the rule of sources.models.yaml, each with its evidence. */
import { describe, expect, test } from 'vitest'
import type { Model } from './definition.ts'
import { loadDefaultFactorSet } from './node.ts'

const { models, classes, providers, sources } = loadDefaultFactorSet().definition
const ranked = new Set(classes.filter((c) => c.rank !== undefined).map((c) => c.id))
const text = models.filter((m) => ranked.has(m.class))

/** The rule in words stands at the top of sources.models.yaml. Billions of parameters. */
function classBySize(totalB: number, activeB: number | undefined): string {
  if (totalB <= 4.5) return 'nano'
  if (activeB === undefined)
    return totalB <= 20 ? 'small' : totalB <= 90 ? 'medium' : totalB <= 200 ? 'large' : 'frontier'
  if (totalB > 500) return 'frontier'
  return activeB < 6 ? 'small' : activeB < 30 ? 'medium' : 'large'
}

const totalB = (m: Model): number | undefined => m.architecture?.params_total_b?.central
const activeB = (m: Model): number | undefined => m.architecture?.params_active_b?.central

describe('the models of the default set', () => {
  test('are at least 400, of at least 30 makers, with embeddings and images among them', () => {
    expect(models.length).toBeGreaterThanOrEqual(400)
    expect(new Set(models.map((m) => m.vendor)).size).toBeGreaterThanOrEqual(30)
    expect(models.filter((m) => m.class.startsWith('embedding')).length).toBeGreaterThanOrEqual(50)
    expect(models.filter((m) => m.class === 'image').length).toBeGreaterThanOrEqual(20)
  })

  test.each([
    ['openai', 40],
    ['anthropic', 20],
    ['google', 30],
    ['mistral', 20],
    ['meta', 20],
    ['deepseek', 10],
    ['xai', 10],
    ['cohere', 10],
    ['amazon', 10],
    ['microsoft', 10],
    ['alibaba', 40],
    ['ibm', 10],
    ['nvidia', 10],
  ])('hold the family of %s', (vendor, countMin) => {
    expect(models.filter((m) => m.vendor === vendor).length).toBeGreaterThanOrEqual(countMin)
  })

  test('have the class that follows from a disclosed size', () => {
    const sized = text.filter((m) => totalB(m) !== undefined)
    expect(sized.length).toBeGreaterThan(180)
    const wrong = sized.filter((m) => m.class !== classBySize(totalB(m) ?? 0, activeB(m)))
    expect(wrong.map((m) => `${m.id}: ${m.class}`)).toEqual([])
  })

  test('have fewer active parameters than parameters', () => {
    const wrong = models.filter((m) => (activeB(m) ?? 0) > (totalB(m) ?? Number.POSITIVE_INFINITY))
    expect(wrong.map((m) => m.id)).toEqual([])
  })

  test('say what their tier rests on and when somebody should look again', () => {
    for (const m of models) {
      expect(m.evidence?.sources.length, m.id).toBeGreaterThan(0)
      expect(m.evidence?.review_due, m.id).toMatch(/^20\d\d-\d\d-\d\d$/)
    }
  })

  test('are of tier C or better if their size is known, and of tier D or E if it is not and nothing was published', () => {
    const known = models.filter((m) => m.disclosed).map((m) => [m.id, m.tier] as const)
    expect(known.filter(([, tier]) => !['A', 'B', 'C'].includes(tier))).toEqual([])
    const unknown = models.filter((m) => !m.disclosed && m.energy === undefined).map((m) => [m.id, m.tier] as const)
    expect(unknown.filter(([, tier]) => !['D', 'E'].includes(tier))).toEqual([])
  })

  test('say of every text model whether it reasons', () => {
    expect(text.filter((m) => m.reasoning === undefined).map((m) => m.id)).toEqual([])
    const spoken = text.filter((m) => /thinking|-r1(?!\d)|^o[1-9]|reasoning/.test(m.id) && !m.id.includes('non-'))
    expect(spoken.length).toBeGreaterThan(15)
    expect(spoken.filter((m) => m.reasoning === 'never').map((m) => m.id)).toEqual([])
  })

  test('mark every size that is from memory, and those are few', () => {
    const fromMemory = models.filter((m) => m.architecture?.params_total_b?.sources.includes('ecomind-memory'))
    expect(sources.find((s) => s.id === 'ecomind-memory')?.note).toContain('to be checked')
    expect(fromMemory.length).toBeLessThan(models.filter((m) => totalB(m) !== undefined).length / 8)
  })

  test('are served by the hosts that companies use', () => {
    const hosts =
      'azure bedrock google groq together fireworks deepinfra cerebras openrouter perplexity replicate huggingface self-hosted watsonx nvidia sambanova novita databricks snowflake'
    const ids = new Set(providers.map((p) => p.id))
    const serving = new Set(models.flatMap((m) => m.served_by))
    for (const host of hosts.split(' ')) {
      expect(ids.has(host), host).toBe(true)
      expect(serving.has(host), host).toBe(true)
    }
  })
})
