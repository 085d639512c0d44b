/**
 * A segment file: pages of sorted entries, each with its CRC-32; behind them the first word of the key of every page
 * and the Bloom filter, which are kept in memory; at the end a footer with counts and checksums. Never changed once
 * written.
 */
import { crc32 } from 'node:zlib'
import { asBytes, ENTRY_WORDS } from './entry.ts'

export const PAGE_BYTES = 4096
export const PAGE_WORDS = PAGE_BYTES / 4
export const PAGE_ENTRIES = 102
/** In words: behind the entries. */
export const PAGE_CHECK_AT = PAGE_ENTRIES * ENTRY_WORDS

export const FOOTER_WORDS = 6
export const FOOTER_BYTES = 4 * FOOTER_WORDS
const FOOTER_MARK = 0x47455345

/** The number of the page takes part: a page at another one's place is noticed. */
export function pageChecksum(bytes: Uint8Array, start: number, page: number): number {
  return crc32(bytes.subarray(start, start + 4 * PAGE_CHECK_AT), page)
}

export interface Footer {
  readonly entries: number
  readonly pages: number
  readonly filterWords: number
  /** CRC-32 of fences and filter. */
  readonly check: number
}

export function pagesOf(entries: number): number {
  return Math.ceil(entries / PAGE_ENTRIES)
}

export function writeFooter({ entries, pages, filterWords, check }: Footer): Uint8Array {
  const words = Uint32Array.of(FOOTER_MARK, entries, pages, filterWords, check, 0)
  words[5] = crc32(asBytes(words.subarray(0, 5)))
  return asBytes(words)
}

/** Null when it is none. */
export function readFooter(words: Uint32Array): Footer | null {
  const [mark, entries = 0, pages = 0, filterWords = 0, check = 0, own] = words
  if (mark !== FOOTER_MARK || crc32(asBytes(words.subarray(0, 5))) !== own) return null
  return { entries, pages, filterWords, check }
}
