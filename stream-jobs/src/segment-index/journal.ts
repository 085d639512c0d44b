/**
 * The newest batches, each one frame: a head (mark, bytes of entries, CRC-32, marker) and the entries. Written but not
 * flushed: it outlives the process, and after a power cut its end may be missing. What does not check out at the end is
 * cut off when it is opened; the index is then behind, marker included, and the rest comes from ClickHouse.
 */
import { constants, type FileHandle, open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import type { IndexMarker } from '../dedupe-index.ts'
import { asBytes, ENTRY_BYTES } from './entry.ts'
import { writeWhole } from './files.ts'

export interface Frame {
  readonly words: Uint32Array
  /** Null: the frame left it as it was. */
  readonly marker: IndexMarker | null
}

/** 0 mark, 1 bytes of entries, 2 CRC-32 of all behind it, 3 is there a marker, 4 generation, 5 partitions, 6-7 offset. */
const HEAD_WORDS = 8
const HEAD_BYTES = 4 * HEAD_WORDS
const CHECKED_FROM = 12
const FRAME_MARK = 0x4d415246

export class Journal {
  readonly path: string
  readonly #file: FileHandle
  readonly #seed: number
  #end: number

  private constructor(path: string, file: FileHandle, seed: number, end: number) {
    this.path = path
    this.#file = file
    this.#seed = seed
    this.#end = end
  }

  /** `seed`: checksums begin with it, so that no frame of another journal is ever taken for one of this. */
  static async create(path: string, seed: number): Promise<Journal> {
    return new Journal(path, await open(path, 'w+'), seed, 0)
  }

  /** Gives every whole frame to `take`, in order. A journal that a power cut took away is made anew. */
  static async open(path: string, seed: number, take: (frame: Frame) => void): Promise<Journal> {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT)
    try {
      const { size } = await file.stat()
      let end = 0
      for (;;) {
        const frame = await readFrame(file, seed, end, size)
        if (frame === null) break
        take(frame)
        end += HEAD_BYTES + frame.words.byteLength
      }
      if (end < size) await file.truncate(end)
      return new Journal(path, file, seed, end)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async append(words: Uint32Array, marker: IndexMarker | null): Promise<void> {
    const entries = asBytes(words)
    const head = headOf(entries, marker, this.#seed)
    try {
      await writeWhole(this.#file, head, this.#end)
      await writeWhole(this.#file, entries, this.#end + HEAD_BYTES)
    } catch (error) {
      // Nothing of a torn frame may lie behind a later, shorter one.
      await this.#file.truncate(this.#end).catch(() => undefined)
      throw error
    }
    this.#end += HEAD_BYTES + entries.length
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

function headOf(entries: Uint8Array, marker: IndexMarker | null, seed: number): Uint8Array {
  const head = new Uint32Array(HEAD_WORDS)
  head[0] = FRAME_MARK
  head[1] = entries.length
  if (marker !== null) {
    head[3] = 1
    head[4] = marker.generation
    head[5] = marker.partitions
    head[6] = marker.offset
    head[7] = marker.offset / 2 ** 32
  }
  const bytes = asBytes(head)
  head[2] = checksum(bytes, entries, seed)
  return bytes
}

function checksum(head: Uint8Array, entries: Uint8Array, seed: number): number {
  const ofHead = crc32(head.subarray(CHECKED_FROM), seed)
  // Of nothing, zlib's answer hangs on where the nothing lies.
  return entries.length === 0 ? ofHead : crc32(entries, ofHead)
}

/** Null where the frames end. */
async function readFrame(file: FileHandle, seed: number, at: number, size: number): Promise<Frame | null> {
  if (at + HEAD_BYTES > size) return null
  const head = new Uint32Array(HEAD_WORDS)
  if (!(await readWhole(file, asBytes(head), at))) return null
  const [mark, length = 0, crc, marked, generation = 0, partitions = 0, low = 0, high = 0] = head
  if (mark !== FRAME_MARK || length % ENTRY_BYTES !== 0 || at + HEAD_BYTES + length > size) return null
  const words = new Uint32Array(length / 4)
  if (!(await readWhole(file, asBytes(words), at + HEAD_BYTES))) return null
  if (checksum(asBytes(head), asBytes(words), seed) !== crc) return null
  return { words, marker: marked === 1 ? { generation, partitions, offset: low + high * 2 ** 32 } : null }
}

async function readWhole(file: FileHandle, bytes: Uint8Array, position: number): Promise<boolean> {
  // Node refuses to read into nothing.
  if (bytes.length === 0) return true
  const { bytesRead } = await file.read(bytes, 0, bytes.length, position)
  return bytesRead === bytes.length
}
