/**
 * Batches are looked up and added in the order of their keys: then hash table, filters and pages are gone through front
 * to back, and the processor has most of what it needs in its caches (0.07 us an id for sorting, which saves 0.3 and more).
 */
import { KEY_WORDS } from '../id-key.ts'

/** A row and the first word of its key fit into the 53 bits of a whole number. */
const ROWS_MAX = 2 ** 21

/** Rows in the order of the first words of their keys, the same ones in their own order. Too many rows stay as they are. */
export function sortByKey(keys: Uint32Array, rows: Uint32Array): Uint32Array {
  if (rows.length < 2 || keys.length > ROWS_MAX * KEY_WORDS) return rows
  const ordered = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number
    ordered[i] = (keys[row * KEY_WORDS] as number) * ROWS_MAX + row
  }
  ordered.sort()
  const sorted = new Uint32Array(rows.length)
  for (let i = 0; i < rows.length; i++) {
    const value = ordered[i] as number
    sorted[i] = value - Math.floor(value / ROWS_MAX) * ROWS_MAX
  }
  return sorted
}

export function allRows(count: number): Uint32Array {
  const rows = new Uint32Array(count)
  for (let row = 0; row < count; row++) rows[row] = row
  return rows
}

/** The keys of these rows, one behind the other. */
export function pickKeys(keys: Uint32Array, rows: Uint32Array): Uint32Array {
  const picked = new Uint32Array(rows.length * KEY_WORDS)
  for (let i = 0, to = 0; i < rows.length; i++, to += KEY_WORDS) {
    const from = (rows[i] as number) * KEY_WORDS
    for (let word = 0; word < KEY_WORDS; word++) picked[to + word] = keys[from + word] as number
  }
  return picked
}
