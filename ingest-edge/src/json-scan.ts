/** What `JSON.parse` does not tell: how many members a text has, and which keys stand twice in one object. */

const QUOTE = 0x22
const COLON = 0x3a
const BACKSLASH = 0x5c

/** What a byte does outside of escapes: 1 begins or ends a string, 2 stands behind a key. */
const ROLE = new Uint8Array(256)
ROLE[QUOTE] = 1
ROLE[COLON] = 2

/**
 * Members (`"key": value`) of all objects of a valid JSON text, repeated keys included. A parsed value that has fewer
 * keys hides a repeated one; that is how duplicates are noticed without looking at every key twice.
 * @param escapes whether the text may hold a backslash; without one every quote begins or ends a string
 */
export function countMembersInText(bytes: Uint8Array, from: number, to: number, escapes: boolean): number {
  let members = 0
  let inString = 0
  if (!escapes) {
    // No branches: this loop sees every byte of every body.
    for (let i = from; i < to; i++) {
      const role = ROLE[bytes[i] ?? 0] ?? 0
      inString ^= role & 1
      members += (role >> 1) & (inString ^ 1)
    }
    return members
  }
  for (let i = from; i < to; i++) {
    const byte = bytes[i]
    if (byte === QUOTE) inString ^= 1
    else if (byte === BACKSLASH) i++
    else if (byte === COLON && inString === 0) members++
  }
  return members
}

/** Keys of all objects inside a parsed value; without recursion, because nesting is the sender's choice. */
export function countMembers(value: unknown): number {
  let members = 0
  const stack: unknown[] = [value]
  while (stack.length > 0) {
    const top = stack.pop()
    if (typeof top !== 'object' || top === null) continue
    const values = Object.values(top)
    if (!Array.isArray(top)) members += values.length
    for (const inner of values) if (typeof inner === 'object') stack.push(inner)
  }
  return members
}

/** Levels that a path shows; deeper ones are left out, so that a path is never long. */
const PATH_LEVELS_MAX = 8
const PATH_LENGTH_MAX = 160

/** `tags.cost_centre`, `a.0.b`; cut when it is very long. */
export function formatPath(path: readonly (string | number)[]): string {
  const text = path.slice(0, PATH_LEVELS_MAX).join('.')
  return text.length > PATH_LENGTH_MAX ? `${text.slice(0, PATH_LENGTH_MAX)}…` : text
}

interface Frame {
  /** Keys seen so far; null for an array. */
  readonly keys: Set<string> | null
  /** The key or the index that the walk stands at. */
  at: string | number
  expectsKey: boolean
}

/**
 * Calls `found` with the path of every repeated key of a valid JSON text. Keys are compared unescaped: `"a"` is
 * `"\u0061"`.
 */
export function findDuplicateKeys(text: string, found: (path: readonly (string | number)[]) => void): void {
  const stack: Frame[] = []
  for (let i = 0; i < text.length; i++) {
    const top = stack[stack.length - 1]
    switch (text[i]) {
      case '{':
        stack.push({ keys: new Set(), at: '', expectsKey: true })
        break
      case '[':
        stack.push({ keys: null, at: 0, expectsKey: false })
        break
      case '}':
      case ']':
        stack.pop()
        break
      case ',':
        if (top?.keys === null) top.at = Number(top.at) + 1
        else if (top !== undefined) top.expectsKey = true
        break
      case '"': {
        const end = endOfString(text, i)
        if (top?.expectsKey === true && top.keys !== null) {
          top.at = JSON.parse(text.slice(i, end + 1)) as string
          top.expectsKey = false
          if (top.keys.has(top.at)) found(stack.slice(0, PATH_LEVELS_MAX).map((frame) => frame.at))
          top.keys.add(top.at)
        }
        i = end
        break
      }
      default:
    }
  }
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === '"') return i
  }
  return text.length
}
