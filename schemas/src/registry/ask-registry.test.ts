import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { USAGE_SCHEMA_FINGERPRINT, USAGE_SCHEMA_TEXT } from '../avro/usage-schema.ts'
import { askRegistry } from './ask-registry.ts'
import { openSchemaStore } from './schema-store.ts'
import { type SmallRegistry, startSmallRegistry } from './testing/small-registry.ts'
import { schemaWith } from './testing/versions.ts'

const SUBJECT = 'usage-value'

describe('askRegistry', () => {
  let registry: SmallRegistry
  beforeEach(async () => {
    registry = await startSmallRegistry()
  })
  afterEach(() => registry.stop())
  const ask = (auth: { username: string; password: string } | null = null, answerMs = 5_000) =>
    askRegistry({ url: registry.url, auth, subject: SUBJECT, waitMs: 0 }, answerMs)

  it('registers our schema under its subject once and makes the subject strict', async () => {
    expect(await ask().ownId()).toEqual({ kind: 'id', id: 1 })
    expect(registry.level).toBe('BACKWARD_TRANSITIVE')
    const before = registry.requests.length
    expect(await ask().ownId()).toEqual({ kind: 'id', id: 1 })
    expect(registry.requests.slice(before)).toEqual([`POST /subjects/${SUBJECT}`])
  })

  it('gives many that ask at the same time one id', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => ask().ownId()))
    expect(new Set(ids.map((answer) => JSON.stringify(answer)))).toEqual(new Set(['{"kind":"id","id":1}']))
    expect(registry.schemas.size).toBe(1)
  })

  it.each(['BACKWARD', 'FULL', 'FULL_TRANSITIVE'])('is content with a subject at level %s', async (level) => {
    registry.level = level
    expect(await ask().ownId()).toEqual({ kind: 'id', id: 1 })
    expect(registry.level).toBe(level)
  })

  it('registers nothing where the level lets anybody break readers, and says which subject and what to do', async () => {
    registry.level = 'NONE'
    expect(await ask().ownId()).toEqual({
      kind: 'refused',
      detail: expect.stringMatching(/subject usage-value.*PUT.*BACKWARD_TRANSITIVE/),
    })
    expect(registry.schemas.size).toBe(0)
    registry.schemas.set(5, USAGE_SCHEMA_TEXT)
    expect(await ask().ownId()).toEqual({ kind: 'id', id: 5 })
  })

  it('names subject and rule when our schema does not fit', async () => {
    registry.schemas.set(1, schemaWith({ name: 'must', type: 'string' }))
    registry.level = 'BACKWARD'
    expect(await ask().ownId()).toEqual({
      kind: 'refused',
      detail: expect.stringMatching(/not compatible.*subject usage-value.*READER_FIELD_MISSING_DEFAULT_VALUE/),
    })
  })

  it('reads a schema back as what it was', async () => {
    registry.schemas.set(7, USAGE_SCHEMA_TEXT)
    const answer = await ask().schemaOf(7)
    const store = openSchemaStore('/nowhere', registry.url, () => undefined)
    expect(answer.kind === 'schema' && store.put(7, answer.text)?.fingerprint).toBe(USAGE_SCHEMA_FINGERPRINT)
    expect(await ask().schemaOf(8)).toEqual({ kind: 'unknown' })
  })

  it.each(['silent', 'dripping', 'nonsense', 'html', 'gateway', 'broken', 'refusing'] as const)(
    'takes no %s registry for an answer, and waits for none for long',
    async (mood) => {
      registry.mood = mood
      const started = performance.now()
      expect(await ask(null, 300).ownId()).toMatchObject({ kind: 'unanswered', detail: expect.stringMatching(/./) })
      expect(await ask(null, 300).schemaOf(1)).toMatchObject({ kind: 'unanswered' })
      expect(performance.now() - started).toBeLessThan(3_000)
    },
  )

  it('takes nobody there for no answer', async () => {
    await registry.stop()
    expect(await ask().ownId()).toMatchObject({ kind: 'unanswered', detail: expect.stringContaining('ECONNREFUSED') })
    await registry.start()
  })

  it('signs in with every question and shows no secret in what it says', async () => {
    const secret = { username: 'ann', password: 'hidden-word' }
    await ask(secret).ownId()
    registry.mood = 'refusing'
    const answer = await ask(secret).ownId()
    expect(new Set(registry.signIns)).toEqual(new Set([`Basic ${Buffer.from('ann:hidden-word').toString('base64')}`]))
    expect(answer).toEqual({ kind: 'unanswered', detail: 'it refuses our sign-in (401)' })
  })
})
