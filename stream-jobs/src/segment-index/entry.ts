/**
 * One copy of an id, in memory and in every file: ten 32-bit words, little-endian as on every machine that Node runs on.
 * 0-3 key, 4 generation, 5 and 6 offset (low, high), 7 index, 8 content hash, 9 day of arrival.
 */
import { bucketOf, type IdColumns } from '../dedupe-index.ts'
import type { StoredCopy } from '../drop-duplicates.ts'
import { KEY_WORDS } from '../id-key.ts'

export const ENTRY_WORDS = 10
export const ENTRY_BYTES = 4 * ENTRY_WORDS
const HIGH = 2 ** 32

export function writeEntry(words: Uint32Array, at: number, ids: IdColumns, row: number, generation: number): void {
  const key = row * KEY_WORDS
  const offset = ids.offsets[row] as number
  words[at] = ids.keys[key] as number
  words[at + 1] = ids.keys[key + 1] as number
  words[at + 2] = ids.keys[key + 2] as number
  words[at + 3] = ids.keys[key + 3] as number
  words[at + 4] = generation
  words[at + 5] = offset
  words[at + 6] = offset / HIGH
  words[at + 7] = ids.indexes[row] as number
  words[at + 8] = ids.contentHashes[row] as number
  words[at + 9] = ids.arrivalDays[row] as number
}

export function readCopy(words: Uint32Array, at: number): StoredCopy {
  return {
    generation: words[at + 4] as number,
    offset: (words[at + 5] as number) + (words[at + 6] as number) * HIGH,
    index: words[at + 7] as number,
    contentHash: words[at + 8] as number,
    arrivalDay: (words[at + 9] as number) | 0,
  }
}

export function bucketOfEntry(words: Uint32Array, at: number): number {
  return bucketOf((words[at + 9] as number) | 0)
}

/** Negative, 0 or positive. */
export function compareKeys(a: Uint32Array, aAt: number, b: Uint32Array, bAt: number): number {
  for (let word = 0; word < KEY_WORDS; word++) {
    const difference = (a[aAt + word] as number) - (b[bAt + word] as number)
    if (difference !== 0) return difference
  }
  return 0
}

export function asBytes(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
}
