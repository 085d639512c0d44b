/**
 * An immutable segment that is searched: the filter says "perhaps", the first keys of the pages say which page, and the
 * page is read (mostly one read, from the system's cache) and checked.
 */
import { readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { IndexDamagedError } from '../dedupe-index.ts'
import { equalKeys, KEY_WORDS } from '../id-key.ts'
import { asBytes, ENTRY_WORDS } from './entry.ts'
import { filterOf, type KeyFilter } from './key-filter.ts'
import type { ListedSegment } from './manifest.ts'
import {
  FOOTER_BYTES,
  FOOTER_WORDS,
  PAGE_BYTES,
  PAGE_CHECK_AT,
  PAGE_ENTRIES,
  PAGE_WORDS,
  pageChecksum,
  readFooter,
} from './segment-layout.ts'

/** One page for all segments: what `findAll` points at holds inside `hit`. */
const page = new Uint32Array(PAGE_WORDS)
const pageBytes = asBytes(page)

export class Segment {
  readonly listed: ListedSegment
  readonly path: string
  readonly filter: KeyFilter
  readonly #file: FileHandle
  /** First word of the first key of each page. */
  readonly #fences: Uint32Array
  /** Number of what is in `page`, in the midst of `findAll`. */
  #loaded = -1

  private constructor(listed: ListedSegment, path: string, file: FileHandle, fences: Uint32Array, filter: KeyFilter) {
    this.listed = listed
    this.path = path
    this.filter = filter
    this.#file = file
    this.#fences = fences
  }

  /** @throws IndexDamagedError */
  static async open(path: string, listed: ListedSegment): Promise<Segment> {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      const footer = new Uint32Array(FOOTER_WORDS)
      await readAt(file, path, asBytes(footer), Math.max(0, size - FOOTER_BYTES))
      const counts = readFooter(footer)
      const tailBytes = counts === null ? 0 : 4 * (counts.pages + counts.filterWords)
      if (counts?.entries !== listed.entries || size !== counts.pages * PAGE_BYTES + tailBytes + FOOTER_BYTES)
        throw new IndexDamagedError(`open ${path}: not the segment of ${listed.entries} entries that is listed`)
      const tail = new Uint32Array(tailBytes / 4)
      await readAt(file, path, asBytes(tail), counts.pages * PAGE_BYTES)
      if (crc32(asBytes(tail)) !== counts.check) throw new IndexDamagedError(`open ${path}: its filter is damaged`)
      return new Segment(listed, path, file, tail.subarray(0, counts.pages), filterOf(tail.subarray(counts.pages)))
    } catch (error) {
      await file.close()
      throw error
    }
  }

  get pages(): number {
    return this.#fences.length
  }

  /**
   * Calls `hit` with the place of the entry of each of these rows that has one. Rows in the order of their keys read
   * each page once. @throws IndexDamagedError
   */
  findAll(keys: Uint32Array, rows: Uint32Array, hit: (row: number, words: Uint32Array, at: number) => void): void {
    this.#loaded = -1
    for (const row of rows) {
      const at = this.#find(keys, row * KEY_WORDS)
      if (at >= 0) hit(row, page, at)
    }
  }

  /** Place in `page`, or -1. */
  #find(keys: Uint32Array, key: number): number {
    const first = keys[key] as number
    const fences = this.#fences
    const from = Math.max(0, lowerBound(fences, first) - 1)
    for (let number = from; number < fences.length && (fences[number] as number) <= first; number++) {
      const entries = this.#readPage(number)
      for (let i = lowerBoundInPage(first, entries); i < entries && page[i * ENTRY_WORDS] === first; i++) {
        if (equalKeys(keys, key, page, i * ENTRY_WORDS)) return i * ENTRY_WORDS
      }
    }
    return -1
  }

  /** Reads whole pages into `into`, unchecked; for merging. */
  async readPages(first: number, count: number, into: Uint8Array): Promise<void> {
    await readAt(this.#file, this.path, into.subarray(0, count * PAGE_BYTES), first * PAGE_BYTES)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  /** Returns its entries. */
  #readPage(number: number): number {
    if (number !== this.#loaded) this.#load(number)
    return Math.min(PAGE_ENTRIES, this.listed.entries - number * PAGE_ENTRIES)
  }

  #load(number: number): void {
    this.#loaded = -1
    const read = readSync(this.#file.fd, pageBytes, 0, PAGE_BYTES, number * PAGE_BYTES)
    if (read !== PAGE_BYTES || page[PAGE_CHECK_AT] !== pageChecksum(pageBytes, 0, number)) {
      throw new IndexDamagedError(`read ${this.path}: page ${number} is damaged`)
    }
    this.#loaded = number
  }
}

async function readAt(file: FileHandle, path: string, bytes: Uint8Array, position: number): Promise<void> {
  const { bytesRead } = await file.read(bytes, 0, bytes.length, position)
  if (bytesRead !== bytes.length) throw new IndexDamagedError(`read ${path}: it is cut short`)
}

/** The first place whose value is not below `wanted`. */
function lowerBound(values: Uint32Array, wanted: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] as number) < wanted) low = middle + 1
    else high = middle
  }
  return low
}

function lowerBoundInPage(wanted: number, entries: number): number {
  let low = 0
  let high = entries
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((page[middle * ENTRY_WORDS] as number) < wanted) low = middle + 1
    else high = middle
  }
  return low
}
