import { readSync } from 'node:fs'

/**
 * The first two pages of an LMDB file (data version 2, 64 bit, little-endian), as in mdb.c of lmdb 3.5.6: page header of
 * 24 bytes, then magic, version, address, map size, two tree descriptions of 48 bytes, last page, transaction.
 */
export interface Meta {
  readonly pageBytes: number
  /** Roots of the tree of free pages and of the main tree; null when empty. */
  readonly roots: readonly (number | null)[]
  readonly transaction: bigint
}

export const PAGE_HEADER_BYTES = 24
const META_BYTES = 152
const MAGIC = 0xbeefc0de
const DATA_VERSION = 2
const NO_PAGE = 0xffff_ffff_ffff_ffffn

/** The meta page that LMDB will go by, or what is wrong with the file. */
export function newestMeta(fd: number, size: number): Meta | string {
  const first = readMeta(fd, 0)
  if (typeof first === 'string') return `its first page ${first}`
  if (size < 2 * first.pageBytes) return `it has ${size} bytes, wanted ${2 * first.pageBytes} or more`
  const second = readMeta(fd, first.pageBytes)
  if (typeof second === 'string') return `its second page ${second}`
  return second.transaction > first.transaction ? second : first
}

function readMeta(fd: number, at: number): Meta | string {
  const page = Buffer.alloc(PAGE_HEADER_BYTES + META_BYTES)
  const read = readSync(fd, page, 0, page.length, at)
  if (read < page.length) return `ends after ${read} bytes, wanted ${page.length}`
  const meta = page.subarray(PAGE_HEADER_BYTES)
  if (meta.readUInt32LE(0) !== MAGIC) return 'is not one of LMDB'
  const version = meta.readUInt32LE(4) & 0xffff
  if (version !== DATA_VERSION) return `has LMDB's data version ${version}, wanted ${DATA_VERSION}`
  const pageBytes = meta.readUInt32LE(24)
  if (pageBytes < 512 || pageBytes > 65_536 || (pageBytes & (pageBytes - 1)) !== 0)
    return `has pages of ${pageBytes} bytes`
  return {
    pageBytes,
    roots: [rootOf(meta.subarray(24)), rootOf(meta.subarray(72))],
    transaction: meta.readBigUInt64LE(128),
  }
}

/** Of a tree description: padding, flags, depth, 3 page counts, entries, root. */
export function rootOf(tree: Buffer): number | null {
  const root = tree.readBigUInt64LE(40)
  return root === NO_PAGE ? null : Number(root)
}
