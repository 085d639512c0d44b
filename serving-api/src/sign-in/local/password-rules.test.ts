import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PASSWORD_LENGTH_MIN, passwordFault } from './password-rules.ts'

const known = ['lena.hofmann@example.com', 'Lena Hofmann']

describe('passwordFault', () => {
  test.each([
    ['short', 'elevenchars'],
    ['one character', 'aaaaaaaaaaaaaaaa'],
    ['two characters', 'abababababababab'],
    ['common', 'passwordpassword'],
    ['common with a number behind', 'QwertyUiopAsdf2026!'],
    ['common start', 'Password123456'],
    ['the e-mail', 'lena.hofmann@example.com'],
    ['the name and a year', 'lena.hofmann2026'],
    ['the name in capitals', 'LENA HOFMANN!1'],
    ['too long', 'x1y2z3'.repeat(60)],
  ])('refuses %s', (_what, password) => {
    expect(passwordFault(password, known)).toEqual(expect.any(String))
  })

  test.each([
    'violet tram under rain',
    'kq7-Zf2-pLw-9xT',
    'ein langes Wort für Lena Hofmann im Mai',
    'пароль длинный слишком',
  ])('accepts %s', (password) => expect(passwordFault(password, known)).toBeNull())

  test('never accepts fewer characters than the minimum, whatever their normal form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: PASSWORD_LENGTH_MIN - 1 }), (password) => {
        fc.pre([...password.normalize('NFKC')].length < PASSWORD_LENGTH_MIN)
        expect(passwordFault(password, [])).not.toBeNull()
      }),
    )
  })
})
