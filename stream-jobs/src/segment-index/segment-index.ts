/**
 * The dedupe index in files of its own, log-structured: the newest entries in memory and in a journal; when there are
 * many, they are sorted into an immutable segment file a bucket, with a Bloom filter in memory, and the journal begins
 * anew; four segments of a bucket and level are merged into one of the next level. So an id costs the same work
 * whatever the size of the index, but for one filter more for each level, and writing is sequential.
 *
 * States on disk: the manifest names segments and journal, every file it does not name is left over from a crash. The
 * journal outlives a killed process; a power cut may take its end. Segments and manifest are flushed before they count.
 *
 * Memory: 1.6 bytes for each id (filter 12 bits, first keys of pages), as much again for those in a merge under way, and
 * about 13 MiB for the newest entries once they were full, more when a batch is larger than that. Why not a library:
 * docs/decisions/2026-11-25-dedupe-index.md.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { type DedupeIndex, type IdColumns, IndexDamagedError, type IndexMarker, lastDayOf } from '../dedupe-index.ts'
import type { StoredCopy } from '../drop-duplicates.ts'
import { createIdKeys, type IdKeys } from '../id-key.ts'
import { asIndexError } from './files.ts'
import { findCopies } from './find-copies.ts'
import { Journal } from './journal.ts'
import { type ListedSegment, type Manifest, writeManifest } from './manifest.ts'
import { Merge } from './merge.ts'
import type { NewestEntries } from './newest-entries.ts'
import { pickMerge } from './pick-merge.ts'
import { Segment } from './segment.ts'
import { SegmentWriter } from './segment-writer.ts'

export interface SegmentIndexOptions {
  /** So many newest entries become segments; a batch more at most. */
  readonly newestMax: number
  readonly onClosed: () => void
}

const NEWEST_MAX = 262_144
/** Entries merged for each entry added: more than there are levels, so that merging keeps up. */
const MERGED_PER_ADDED = 8
/** With more of them than this, all merging that is due is done at once. */
const SEGMENTS_MAX = 64

export interface IndexParts {
  readonly manifest: Manifest
  readonly journal: Journal
  /** Older ones first. */
  readonly segments: readonly Segment[]
  readonly newest: NewestEntries
  readonly marker: IndexMarker | null
  /** Removes all files and begins with empty parts, under the same secret. */
  readonly begin: () => Promise<IndexParts>
}

export function pathOf(dir: string, kind: 'segment' | 'journal', file: number): string {
  return join(dir, `${kind}-${file}`)
}

export function journalSeed(secret: string, file: number): number {
  return crc32(secret, file)
}

export class SegmentIndex implements DedupeIndex {
  readonly keyOf: IdKeys
  readonly #dir: string
  readonly #newestMax: number
  readonly #onClosed: () => void
  #parts: IndexParts
  #nextFile: number
  #merges: Merge[] = []
  /** The disk was full: no merging until there are new segments. */
  #mergesWait = false

  constructor(dir: string, parts: IndexParts, options: Partial<SegmentIndexOptions>) {
    this.keyOf = createIdKeys(Buffer.from(parts.manifest.secret, 'hex'))
    this.#dir = dir
    this.#onClosed = options.onClosed ?? (() => undefined)
    this.#newestMax = options.newestMax ?? NEWEST_MAX
    this.#parts = parts
    this.#nextFile = 1 + Math.max(parts.manifest.journal, ...parts.manifest.segments.map(({ file }) => file))
  }

  marker(): IndexMarker | null {
    return this.#parts.marker
  }

  findAll(keys: Uint32Array, count: number, hit: (row: number, copies: readonly StoredCopy[]) => void): void {
    findCopies(this.#parts, keys, count, hit)
  }

  async add(ids: IdColumns, rows: Uint32Array, generation: number, marker: IndexMarker | null): Promise<void> {
    try {
      const { newest } = this.#parts
      if (newest.rows > 0 && newest.rows + rows.length > this.#newestMax) await this.#flush()
      await this.#merge(MERGED_PER_ADDED * rows.length)
      const words = newest.stage(ids, rows, generation)
      await this.#parts.journal.append(words, marker)
      newest.publish()
      if (marker !== null) this.#parts = { ...this.#parts, marker }
    } catch (error) {
      throw asIndexError(error)
    }
  }

  async dropBefore(day: number): Promise<number> {
    const isOld = (bucket: number): boolean => lastDayOf(bucket) < day
    try {
      if (this.#parts.newest.buckets.some(isOld)) await this.#flush()
      const old = this.#parts.segments.filter(({ listed }) => isOld(listed.bucket))
      if (old.length === 0) return 0
      const merges = this.#merges.filter(({ inputs }) => inputs.some((input) => old.includes(input)))
      for (const merge of merges) await this.#giveUp(merge)
      await this.#replaceSegments(this.#parts.segments.filter((segment) => !old.includes(segment)))
      return new Set(old.map(({ listed }) => listed.bucket)).size
    } catch (error) {
      throw asIndexError(error)
    }
  }

  async clear(): Promise<void> {
    await this.#closeFiles()
    this.#merges = []
    this.#parts = await this.#parts.begin()
    this.#nextFile = this.#parts.manifest.journal + 1
    this.#mergesWait = false
  }

  async close(): Promise<void> {
    try {
      await this.#closeFiles()
    } finally {
      this.#onClosed()
    }
  }

  async #closeFiles(): Promise<void> {
    for (const merge of this.#merges) await merge.abandon()
    for (const segment of this.#parts.segments) await segment.close()
    await this.#parts.journal.close()
  }

  /** The newest entries become segments, and the journal begins anew. */
  async #flush(): Promise<void> {
    const { newest, segments, journal, marker } = this.#parts
    this.#mergesWait = false
    if (segments.length > SEGMENTS_MAX) await this.#merge(Number.POSITIVE_INFINITY)
    const made: Segment[] = []
    const file = this.#nextFile++
    const path = pathOf(this.#dir, 'journal', file)
    let next: Journal | null = null
    try {
      for (const bucket of newest.buckets) made.push(await this.#writeSegment(bucket))
      const all = [...this.#parts.segments, ...made]
      next = await Journal.create(path, journalSeed(this.#parts.manifest.secret, file))
      const manifest = { ...this.#parts.manifest, marker, journal: file, segments: all.map(({ listed }) => listed) }
      await writeManifest(this.#dir, manifest)
      newest.clear()
      this.#parts = { ...this.#parts, manifest, journal: next, segments: all }
    } catch (error) {
      await next?.close()
      await rm(path, { force: true })
      await removeAll(made)
      throw error
    }
    await removeAll([journal])
  }

  async #writeSegment(bucket: number): Promise<Segment> {
    const { newest } = this.#parts
    const places = newest.sorted(bucket)
    const file = this.#nextFile++
    const path = pathOf(this.#dir, 'segment', file)
    const writer = await SegmentWriter.create(path, places.length)
    try {
      for (let next = 0; next < places.length; ) {
        next = writer.pushAll(newest.words, places, next)
        await writer.flush()
      }
      await writer.finish()
      return await Segment.open(path, { file, bucket, level: 0, entries: places.length })
    } catch (error) {
      await writer.abandon()
      await rm(path, { force: true })
      throw error
    }
  }

  /** Lower levels first: they fill up faster. */
  async #merge(entriesMax: number): Promise<void> {
    let left = entriesMax
    while (left > 0 && !this.#mergesWait) {
      const merge = await this.#dueMerge()
      if (merge === null) return
      try {
        const done = await merge.advance(left)
        if (done < left) await this.#finish(merge)
        left -= done
      } catch (error) {
        await this.#giveUp(merge)
        if (asIndexError(error) instanceof IndexDamagedError) throw error
        this.#mergesWait = true
      }
    }
  }

  /** The one of the lowest level that is under way or can be begun. */
  async #dueMerge(): Promise<Merge | null> {
    const due = pickMerge(this.#parts.segments, this.#merges)
    if (due === null || due instanceof Merge) return due
    const file = this.#nextFile++
    const merge = await Merge.begin(due, file, pathOf(this.#dir, 'segment', file))
    this.#merges.push(merge)
    return merge
  }

  async #finish(merge: Merge): Promise<void> {
    const { bucket, level } = (merge.inputs[0] as Segment).listed
    const listed: ListedSegment = { file: merge.file, bucket, level: level + 1, entries: merge.entries }
    const merged = await Segment.open(pathOf(this.#dir, 'segment', merge.file), listed)
    const all = this.#parts.segments.flatMap((segment) => {
      if (segment === merge.inputs[0]) return [merged]
      return merge.inputs.includes(segment) ? [] : [segment]
    })
    try {
      await this.#replaceSegments(all)
    } catch (error) {
      await merged.close()
      throw error
    }
    this.#merges = this.#merges.filter((other) => other !== merge)
  }

  /** The manifest goes first; then those that are no longer named are removed. The marker stays that of the segments. */
  async #replaceSegments(segments: readonly Segment[]): Promise<void> {
    const gone = this.#parts.segments.filter((segment) => !segments.includes(segment))
    const manifest = { ...this.#parts.manifest, segments: segments.map(({ listed }) => listed) }
    await writeManifest(this.#dir, manifest)
    this.#parts = { ...this.#parts, manifest, segments }
    await removeAll(gone)
  }

  async #giveUp(merge: Merge): Promise<void> {
    this.#merges = this.#merges.filter((other) => other !== merge)
    await merge.abandon()
    await rm(pathOf(this.#dir, 'segment', merge.file), { force: true })
  }
}

/** Files that the manifest does not name; what can't be removed is removed by the next opening. */
async function removeAll(files: readonly (Segment | Journal)[]): Promise<void> {
  for (const file of files) {
    await file.close().catch(() => undefined)
    await rm(file.path, { force: true }).catch(() => undefined)
  }
}
