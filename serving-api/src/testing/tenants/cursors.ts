/** Cursors taken apart, as a client could that knows how they are made. */

interface Opened {
  readonly v: number
  readonly list: string
  readonly org: string
  readonly at: unknown
}

export const isCursorText = (text: string): boolean => open(text) !== null

/** The cursor with another organisation, and every text of its place passed through `text`. */
export function renameCursor(
  cursor: string,
  { org, text = (same) => same }: { readonly org: string; readonly text?: (text: string) => string },
): string {
  const opened = open(cursor)
  if (opened === null) throw new TypeError(`rename a cursor: ${cursor} is none`)
  return Buffer.from(JSON.stringify({ ...opened, org, at: renamedPlace(opened.at, text) })).toString('base64url')
}

/** A place is a text, or a record in which some texts name things. */
function renamedPlace(at: unknown, text: (text: string) => string): unknown {
  if (typeof at === 'string') return text(at)
  const entries = Object.entries(at as Record<string, unknown>)
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' && NAMES.has(name) ? text(value) : value]),
  )
}

const NAMES: ReadonlySet<string> = new Set(['id', 'email'])

function open(text: string): Opened | null {
  try {
    const value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Opened | null
    return typeof value === 'object' && value !== null && 'list' in value ? value : null
  } catch {
    return null
  }
}
