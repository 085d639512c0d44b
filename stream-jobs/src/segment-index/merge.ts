/**
 * A merge of segments into one, a slice at a time. Of entries with the same key the one of the newest segment is kept.
 * Until it is finished and named by the manifest nothing hangs on it: after a crash it begins anew.
 */
import { IndexDamagedError } from '../dedupe-index.ts'
import { asBytes, compareKeys, ENTRY_WORDS } from './entry.ts'
import type { Segment } from './segment.ts'
import { PAGE_BYTES, PAGE_CHECK_AT, PAGE_ENTRIES, PAGE_WORDS, pageChecksum } from './segment-layout.ts'
import { SegmentWriter } from './segment-writer.ts'

/** Read at once of each segment: 256 KiB. */
const CHUNK_PAGES = 64

export class Merge {
  readonly inputs: readonly Segment[]
  readonly file: number
  readonly #writer: SegmentWriter
  /** Newest first; without those that are read to their end. */
  #readers: SegmentReader[]

  private constructor(inputs: readonly Segment[], file: number, writer: SegmentWriter) {
    this.inputs = inputs
    this.file = file
    this.#writer = writer
    this.#readers = inputs.toReversed().map((segment) => new SegmentReader(segment))
  }

  /** `inputs`: older ones first. `file`: the number in the name `path`. */
  static async begin(inputs: readonly Segment[], file: number, path: string): Promise<Merge> {
    const entriesMax = inputs.reduce((sum, { listed }) => sum + listed.entries, 0)
    return new Merge(inputs, file, await SegmentWriter.create(path, entriesMax))
  }

  /** Entries of the merged segment, once it is finished. */
  get entries(): number {
    return this.#writer.entries
  }

  /**
   * Merges up to about `entriesMax` entries, with other work of this process in between. Returns how many; fewer than
   * asked for: it is finished, and the file is on the disk.
   */
  async advance(entriesMax: number): Promise<number> {
    let done = 0
    while (done < entriesMax) {
      for (const reader of this.#readers) if (reader.isEmpty) await reader.fill()
      this.#readers = this.#readers.filter((reader) => !reader.isEmpty)
      if (this.#readers.length === 0) {
        await this.#writer.finish()
        return done
      }
      if (this.#writer.isFull) await this.#writer.flush()
      done += this.#mergeBuffered()
    }
    return done
  }

  async abandon(): Promise<void> {
    await this.#writer.abandon()
  }

  /** Until something has to be read or written. */
  #mergeBuffered(): number {
    const readers = this.#readers
    const writer = this.#writer
    let done = 0
    for (;;) {
      let least = readers[0] as SegmentReader
      for (let i = 1; i < readers.length; i++) {
        const reader = readers[i] as SegmentReader
        if (reader.first > least.first) continue
        const order = reader.first < least.first ? -1 : compareKeys(reader.words, reader.at, least.words, least.at)
        if (order < 0) least = reader
        else if (order === 0) {
          // An older copy of the same bucket: the newer one stands for both.
          reader.next()
          if (reader.isEmpty) return done
          i -= 1
        }
      }
      writer.push(least.words, least.at)
      done += 1
      least.next()
      if (least.isEmpty || writer.isFull) return done
    }
  }
}

/** Goes through a segment entry by entry. */
class SegmentReader {
  readonly words = new Uint32Array(CHUNK_PAGES * PAGE_WORDS)
  /** Of the present entry, in `words`; and the first word of its key. */
  at = 0
  first = 0
  readonly #segment: Segment
  #page = 0
  #left: number
  #leftInChunk = 0
  #leftInPage = 0

  constructor(segment: Segment) {
    this.#segment = segment
    this.#left = segment.listed.entries
  }

  /** After `fill` as well: at the end. */
  get isEmpty(): boolean {
    return this.#leftInChunk === 0
  }

  next(): void {
    this.#leftInChunk -= 1
    this.#leftInPage -= 1
    this.at += ENTRY_WORDS
    if (this.#leftInPage === 0) {
      this.at += PAGE_WORDS - PAGE_CHECK_AT
      this.#leftInPage = PAGE_ENTRIES
    }
    this.first = this.words[this.at] as number
  }

  async fill(): Promise<void> {
    const pages = Math.min(CHUNK_PAGES, this.#segment.pages - this.#page)
    if (pages === 0) return
    const bytes = asBytes(this.words)
    await this.#segment.readPages(this.#page, pages, bytes)
    for (let page = 0; page < pages; page++) {
      const check = this.words[page * PAGE_WORDS + PAGE_CHECK_AT]
      if (check !== pageChecksum(bytes, page * PAGE_BYTES, this.#page + page))
        throw new IndexDamagedError(`merge ${this.#segment.path}: page ${this.#page + page} is damaged`)
    }
    this.#page += pages
    this.#leftInChunk = Math.min(this.#left, pages * PAGE_ENTRIES)
    this.#left -= this.#leftInChunk
    this.#leftInPage = PAGE_ENTRIES
    this.at = 0
    this.first = this.words[0] as number
  }
}
