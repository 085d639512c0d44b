import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ANALYST_LIMITS } from './analyst-settings.ts'
import { ANALYST_TABLES } from './analyst-tables.ts'
import { analystNames, provisionStatements, withdrawStatements } from './provision-analysts.ts'

const orgId = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,64}$/)
const account = { orgId: 'acme-eu', password: "it's secret", limits: ANALYST_LIMITS, apiUser: 'ecomind' }

describe('provisionStatements', () => {
  const statements = provisionStatements(account)

  test('binds the reader of the views with a row policy on every table', () => {
    for (const table of ANALYST_TABLES) {
      const column = table === 'factors' || table === 'grids' ? 'factor_set' : 'org_id'
      const policy = statements.find((text) => text.includes(`ON ecomind.${table} FOR SELECT`))
      expect(policy).toMatch(
        /^CREATE ROW POLICY OR REPLACE ecomind_reader_acme_2deu ON ecomind\.\w+ FOR SELECT USING .* AS PERMISSIVE TO ecomind_reader_acme_2deu$/,
      )
      expect(policy).toContain(column)
      expect(policy).toContain("IN ['acme-eu']")
    }
  })

  test('whoever logs in reads the views and nothing else', () => {
    const grants = statements.filter((text) => text.startsWith('GRANT'))
    expect(grants.filter((text) => !text.includes('ecomind_reader_'))).toEqual([
      'GRANT SELECT ON ecomind_org_acme_2deu.* TO ecomind_role_acme_2deu',
      'GRANT ecomind_role_acme_2deu TO ecomind_analyst_acme_2deu, ecomind',
    ])
  })

  test('the reader can not log in, and the password is nowhere', () => {
    expect(statements[0]).toBe(
      'CREATE USER IF NOT EXISTS ecomind_reader_acme_2deu IDENTIFIED WITH no_password HOST NONE',
    )
    expect(statements.join('\n')).not.toContain('secret')
  })

  test('a view keeps the rows before any condition, and reads with the rights of the reader', () => {
    expect(statements.find((text) => text.includes('VIEW ecomind_org_acme_2deu.usage_1d '))).toMatch(
      /DEFINER = ecomind_reader_acme_2deu SQL SECURITY DEFINER AS SELECT .* FROM ecomind\.usage_1d AS t PREWHERE t\.org_id IN \['acme-eu'\]$/,
    )
  })

  test('our own user does not take on the role by itself', () => {
    expect(statements.at(-1)).toBe('SET DEFAULT ROLE ALL EXCEPT ecomind_role_acme_2deu TO ecomind')
  })

  test('what is withdrawn is what was made', () => {
    const names = analystNames(account.orgId)
    const withdrawn = withdrawStatements(account.orgId).join('\n')
    for (const name of [names.database, names.user, names.reader, names.role, names.profile])
      expect(withdrawn).toMatch(new RegExp(`DROP [A-Z ]+ IF EXISTS ${name}\\b`))
    for (const table of ANALYST_TABLES) expect(withdrawn).toContain(`ON ecomind.${table}\n`)
  })
})

describe('analystNames', () => {
  test('two organisations never share a name', () => {
    fc.assert(
      fc.property(orgId, orgId, (a, b) => {
        fc.pre(a !== b)
        expect(analystNames(a).database).not.toBe(analystNames(b).database)
      }),
    )
  })

  test.each(['', 'a b', "a'", 'a`b', 'ä', 'x'.repeat(65)])('refuses %j', (id) => {
    expect(() => analystNames(id)).toThrow(RangeError)
  })
})
