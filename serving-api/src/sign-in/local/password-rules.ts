/** What a password must be: long, and not what an attacker tries first. No rules of composition (NIST SP 800-63B). */
import { COMMON_PASSWORDS } from './common-passwords.ts'

export const PASSWORD_LENGTH_MIN = 12
export const PASSWORD_LENGTH_MAX = 256
/** `aaaaaaaaaaaa` and `abababababab` are long and worth nothing. */
const DISTINCT_CHARACTERS_MIN = 5

/** One form for the same characters typed on different keyboards. */
export const normalPassword = (password: string): string => password.normalize('NFKC')

/** The rule that is broken, as a sentence; null: none. `knownWords`: e-mail and name of its owner. */
export function passwordFault(password: string, knownWords: readonly string[]): string | null {
  const normal = normalPassword(password)
  const length = [...normal].length
  if (length < PASSWORD_LENGTH_MIN || length > PASSWORD_LENGTH_MAX)
    return `${length} characters, ${PASSWORD_LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} are wanted`
  const lower = normal.toLowerCase()
  if (new Set(lower).size < DISTINCT_CHARACTERS_MIN) return 'the same few characters again and again'
  if (COMMON_PASSWORDS.has(lower) || COMMON_PASSWORDS.has(lower.replace(/[\d\W_]+$/u, '')))
    return 'one of the passwords that are tried first'
  for (const word of knownWords.flatMap(partsOf)) {
    // A short name inside a long sentence is no harm.
    if (word.length >= 3 && lower.includes(word) && lower.length - word.length < PASSWORD_LENGTH_MIN / 2)
      return 'hardly more than the e-mail or the name'
  }
  return null
}

function partsOf(text: string): readonly string[] {
  const lower = normalPassword(text).toLowerCase()
  return [lower, lower.split('@')[0] ?? '']
}
