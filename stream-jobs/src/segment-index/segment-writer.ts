/** Writes a segment file from entries that come in the order of their keys. Flushed to the disk at the end. */
import { type FileHandle, open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { asBytes, ENTRY_WORDS } from './entry.ts'
import { writeWhole } from './files.ts'
import { addToFilter, createFilter, filterBlocks, type KeyFilter } from './key-filter.ts'
import {
  PAGE_BYTES,
  PAGE_CHECK_AT,
  PAGE_ENTRIES,
  PAGE_WORDS,
  pageChecksum,
  pagesOf,
  writeFooter,
} from './segment-layout.ts'

/** Written at once: 256 KiB. */
const CHUNK_PAGES = 64

export class SegmentWriter {
  readonly #file: FileHandle
  #filter: KeyFilter
  #fences: Uint32Array
  readonly #chunk = new Uint32Array(CHUNK_PAGES * PAGE_WORDS)
  #entries = 0
  #inPage = 0
  /** Pages begun in the chunk. */
  #pages = 0
  #pagesWritten = 0

  private constructor(file: FileHandle, entriesMax: number) {
    this.#file = file
    this.#filter = createFilter(filterBlocks(entriesMax))
    this.#fences = new Uint32Array(pagesOf(entriesMax))
  }

  static async create(path: string, entriesMax: number): Promise<SegmentWriter> {
    return new SegmentWriter(await open(path, 'w'), entriesMax)
  }

  get entries(): number {
    return this.#entries
  }

  /** `flush` before the next entry. */
  get isFull(): boolean {
    return this.#pages === CHUNK_PAGES && this.#inPage === PAGE_ENTRIES
  }

  /** Pushes the entries at these places until it is full; returns the next place to push. */
  pushAll(words: Uint32Array, places: Uint32Array, from: number): number {
    let next = from
    for (; next < places.length && !this.isFull; next++) this.push(words, places[next] as number)
    return next
  }

  push(words: Uint32Array, at: number): void {
    if (this.#pages === 0 || this.#inPage === PAGE_ENTRIES) {
      this.#fences[this.#pagesWritten + this.#pages] = words[at] as number
      this.#pages += 1
      this.#inPage = 0
    }
    const chunk = this.#chunk
    const to = (this.#pages - 1) * PAGE_WORDS + this.#inPage * ENTRY_WORDS
    for (let word = 0; word < ENTRY_WORDS; word++) chunk[to + word] = words[at + word] as number
    addToFilter(this.#filter, words, at)
    this.#inPage += 1
    this.#entries += 1
  }

  async flush(): Promise<void> {
    if (this.#pages === 0) return
    const chunk = this.#chunk
    chunk.fill(0, (this.#pages - 1) * PAGE_WORDS + this.#inPage * ENTRY_WORDS, this.#pages * PAGE_WORDS)
    const bytes = asBytes(chunk)
    for (let page = 0; page < this.#pages; page++) {
      chunk[page * PAGE_WORDS + PAGE_CHECK_AT] = pageChecksum(bytes, page * PAGE_BYTES, this.#pagesWritten + page)
    }
    await writeWhole(this.#file, bytes.subarray(0, this.#pages * PAGE_BYTES), this.#pagesWritten * PAGE_BYTES)
    this.#pagesWritten += this.#pages
    this.#pages = 0
    this.#inPage = 0
  }

  async finish(): Promise<void> {
    await this.flush()
    const fences = asBytes(this.#fences.subarray(0, this.#pagesWritten))
    const filter = asBytes(this.#filter.words)
    const check = crc32(filter, crc32(fences))
    const counts = { entries: this.#entries, pages: this.#pagesWritten, filterWords: this.#filter.words.length }
    let end = this.#pagesWritten * PAGE_BYTES
    for (const bytes of [fences, filter, writeFooter({ ...counts, check })]) {
      await writeWhole(this.#file, bytes, end)
      end += bytes.length
    }
    // What is large goes before the segment is opened and has its own.
    this.#filter = createFilter(0)
    this.#fences = new Uint32Array(0)
    await this.#file.sync()
    await this.#file.close()
  }

  async abandon(): Promise<void> {
    await this.#file.close()
  }
}
