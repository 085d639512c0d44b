/**
 * The manifest: which files make up the index, and up to where they know the log. Replaced as a whole (temporary name,
 * flushed, renamed, folder flushed), so every other file is either named by it or left over from a crash. First line:
 * CRC-32 of the rest.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { replaceFile } from '@ecomind/event-log'
import { z } from 'zod'
import { BUCKET_DAYS, IndexDamagedError } from '../dedupe-index.ts'
import { SECRET_BYTES } from '../id-key.ts'

export const MANIFEST_FILE = 'manifest'
const FORMAT = 2

const whole = z.number().int().nonnegative()
const listedSegment = z.object({
  /** Number in its file name. */
  file: whole,
  bucket: z.number().int(),
  /** How often its entries were merged. */
  level: whole,
  entries: whole,
})
const manifestText = z.object({
  format: z.literal(FORMAT),
  bucketDays: z.literal(BUCKET_DAYS),
  /** Of the keys; hex. */
  secret: z.string().length(2 * SECRET_BYTES),
  /** As of the segments; the journal goes on from it. */
  marker: z.object({ generation: whole, partitions: whole, offset: whole }).nullable(),
  journal: whole,
  /** Older ones first. */
  segments: z.array(listedSegment),
})

export type ListedSegment = z.infer<typeof listedSegment>
export type Manifest = Omit<z.infer<typeof manifestText>, 'format' | 'bucketDays'>

/** @throws IndexDamagedError, or what the file system says */
export async function readManifest(dir: string): Promise<Manifest> {
  const text = await readFile(join(dir, MANIFEST_FILE), 'utf8')
  const json = text.slice(text.indexOf('\n') + 1)
  if (text !== withChecksum(json)) throw new IndexDamagedError('read the manifest: its checksum is wrong')
  const parsed = manifestText.safeParse(JSON.parse(json))
  if (!parsed.success) throw new IndexDamagedError(`read the manifest: ${parsed.error.message}`)
  return parsed.data
}

export async function writeManifest(dir: string, manifest: Manifest): Promise<void> {
  const text = withChecksum(JSON.stringify({ format: FORMAT, bucketDays: BUCKET_DAYS, ...manifest }))
  await replaceFile(join(dir, MANIFEST_FILE), text)
}

function withChecksum(json: string): string {
  return `${crc32(json).toString(16)}\n${json}`
}
