/**
 * Statements of a determined insider, on a store with two organisations and on one that holds only the insider's own rows.
 * Nothing of the other may come back: no text of it stands in any answer, and every answer and every failure is the one
 * that the store without it gives, so that no count and no side effect of a failure speaks of it either.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { OUTPUT_FORMATS } from './output-formats.ts'
import { askAll, type Outcome } from './test-support/ask-organisation.ts'
import { ATTACKS } from './test-support/attack-statements.ts'
import { MARKER, OTHER } from './test-support/two-organisations.ts'

/** Every format, over texts of all kinds: some write dictionaries, blocks or statistics of their own. */
const FORMATTED = [...OUTPUT_FORMATS.keys()].flatMap((format) => [
  `SELECT org_id, event_id, team_id, provider, model, factor_id, tags FROM usage_events ORDER BY ALL FORMAT ${format}`,
  `SELECT model, team_id, count() AS n FROM usage_1d GROUP BY model, team_id ORDER BY ALL LIMIT 3 FORMAT ${format}`,
])
const STATEMENTS = [...ATTACKS, ...FORMATTED]
let shared: readonly Outcome[]
let alone: readonly Outcome[]

beforeAll(async () => {
  shared = await askAll('shared', STATEMENTS)
  alone = await askAll('alone', STATEMENTS)
}, 600_000)

describe('an insider of one organisation', () => {
  test('tries at least 200 different statements, of which some are answered and most are not', () => {
    expect(new Set(ATTACKS).size).toBe(ATTACKS.length)
    expect(ATTACKS.length).toBeGreaterThanOrEqual(200)
    const answered = shared.filter((outcome) => outcome.code === null).length
    expect(answered).toBeGreaterThan(100)
    expect(shared.length - answered).toBeGreaterThan(200)
  })

  test('never reads a text of another organisation, in an answer or an error', () => {
    for (const [i, text] of STATEMENTS.entries()) {
      // What the statement says itself may come back in an error about it.
      const secrets = [MARKER, OTHER, '7777777'].filter((secret) => !text.includes(secret))
      for (const secret of secrets)
        expect({ text, found: shared[i]?.bytes.includes(secret) }).toEqual({ text, found: false })
    }
  })

  test('gets the answers and the failures of a store that holds only its own rows', () => {
    for (const [i, text] of STATEMENTS.entries()) {
      expect({ text, code: shared[i]?.code, bytes: comparable(shared[i]) }).toEqual({
        text,
        code: alone[i]?.code,
        bytes: comparable(alone[i]),
      })
    }
  })

  test('learns no path, no key and nothing of the engine from a failure', () => {
    for (const { bytes } of shared)
      expect(bytes).not.toMatch(/ecomind-clickhouse-|PATH=|log_comment'?, ?'|ecomind_analyst\./)
  })
})

/** Rows that no ORDER BY sorts come in any order. */
function comparable(outcome: Outcome | undefined): string {
  return outcome?.bytes.split('\n').sort().join('\n') ?? ''
}
