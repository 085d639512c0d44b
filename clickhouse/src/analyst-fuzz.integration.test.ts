/**
 * Statements from a grammar (test-support/statement-grammar.ts) against two stores: whatever is answered on the store with
 * two organisations is answered alike on the store with one, and so is whatever fails. ECOMIND_FUZZ_SEED repeats a run,
 * ECOMIND_FUZZ_RUNS makes it longer.
 */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { askAll, type Outcome } from './test-support/ask-organisation.ts'
import { statement } from './test-support/statement-grammar.ts'
import { MARKER, OTHER } from './test-support/two-organisations.ts'

const SEED = Number(process.env['ECOMIND_FUZZ_SEED'] ?? Date.now() % 2 ** 31)
const RUNS = Number(process.env['ECOMIND_FUZZ_RUNS'] ?? 150)
const STATEMENTS = fc.sample(statement, { seed: SEED, numRuns: RUNS })
let shared: readonly Outcome[]
let alone: readonly Outcome[]

beforeAll(async () => {
  shared = await askAll('shared', STATEMENTS)
  alone = await askAll('alone', STATEMENTS)
}, 900_000)

describe(`statements of a grammar (seed ${SEED})`, () => {
  test('many are answered, and many are not', () => {
    const answered = shared.filter((outcome) => outcome.code === null).length
    expect(answered).toBeGreaterThan(RUNS / 5)
    expect(RUNS - answered).toBeGreaterThan(RUNS / 20)
  })

  test('nothing of another organisation changes an answer or a failure', () => {
    for (const [i, text] of STATEMENTS.entries()) {
      expect({ seed: SEED, text, ...shared[i] }).toEqual({ seed: SEED, text, ...alone[i] })
      for (const secret of [MARKER, OTHER].filter((s) => !text.includes(s)))
        expect({ seed: SEED, text, found: shared[i]?.bytes.includes(secret) }).toMatchObject({ found: false })
    }
  })
})
