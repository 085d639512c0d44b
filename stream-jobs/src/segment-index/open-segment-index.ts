/**
 * Opens the dedupe index of a partition. What can't be used is removed and begins empty, with no marker: it is then
 * rebuilt from ClickHouse. Nothing is mapped into memory and everything has a checksum, so damaged files make no more
 * than that of themselves.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { DedupeIndex } from '../dedupe-index.ts'
import { SECRET_BYTES } from '../id-key.ts'
import { Journal } from './journal.ts'
import { MANIFEST_FILE, type Manifest, readManifest, writeManifest } from './manifest.ts'
import { NewestEntries } from './newest-entries.ts'
import { Segment } from './segment.ts'
import { type IndexParts, journalSeed, pathOf, SegmentIndex, type SegmentIndexOptions } from './segment-index.ts'

const LMDB_FILE = 'data.mdb'
/** Folders that are open in this process: the loop of a partition that was given up may still be writing for a while. */
const inUse = new Map<string, Promise<void>>()

/** Waits until this folder is closed, when it is open. */
export async function openSegmentIndex(
  dir: string,
  log: Logger,
  options: Partial<SegmentIndexOptions> = {},
): Promise<DedupeIndex> {
  for (let open = inUse.get(dir); open !== undefined; open = inUse.get(dir)) await open
  let free = (): void => undefined
  const closed = new Promise<void>((resolve) => {
    free = () => {
      inUse.delete(dir)
      resolve()
    }
  })
  inUse.set(dir, closed)
  try {
    return new SegmentIndex(dir, await loadOrBegin(dir, log), { ...options, onClosed: free })
  } catch (error) {
    free()
    throw error
  }
}

async function loadOrBegin(dir: string, log: Logger): Promise<IndexParts> {
  await mkdir(dir, { recursive: true })
  const files = await readdir(dir)
  if (files.includes(MANIFEST_FILE)) {
    try {
      return await load(dir)
    } catch (error) {
      log.warn({ dir, err: error }, 'dedupe index: not usable, removed; it will be rebuilt from ClickHouse')
    }
  } else if (files.includes(LMDB_FILE)) {
    log.info({ dir }, 'dedupe index: written by an earlier version, removed; it will be rebuilt from ClickHouse')
  } else if (files.length > 0) {
    log.warn({ dir }, 'dedupe index: its manifest is missing, removed; it will be rebuilt from ClickHouse')
  }
  return await begin(dir, randomBytes(SECRET_BYTES).toString('hex'))
}

/** An empty index, in place of whatever is in the folder. */
async function begin(dir: string, secret: string): Promise<IndexParts> {
  await rm(dir, { recursive: true, force: true })
  await mkdir(dir, { recursive: true })
  const manifest: Manifest = { secret, marker: null, journal: 1, segments: [] }
  const journal = await Journal.create(pathOf(dir, 'journal', 1), journalSeed(secret, 1))
  await writeManifest(dir, manifest)
  return { manifest, journal, segments: [], newest: new NewestEntries(), marker: null, begin: () => begin(dir, secret) }
}

async function load(dir: string): Promise<IndexParts> {
  const manifest = await readManifest(dir)
  const { secret } = manifest
  const segments: Segment[] = []
  try {
    for (const listed of manifest.segments) {
      segments.push(await Segment.open(pathOf(dir, 'segment', listed.file), listed))
    }
    const newest = new NewestEntries()
    let { marker } = manifest
    const journal = await Journal.open(
      pathOf(dir, 'journal', manifest.journal),
      journalSeed(secret, manifest.journal),
      (frame) => {
        newest.stageWords(frame.words)
        newest.publish()
        marker = frame.marker ?? marker
      },
    )
    await removeLeftovers(dir, [journal.path, ...segments.map(({ path }) => path)])
    return { manifest, journal, segments, newest, marker, begin: () => begin(dir, secret) }
  } catch (error) {
    for (const segment of segments) await segment.close()
    throw error
  }
}

/** Of a crash in the middle of writing or merging. */
async function removeLeftovers(dir: string, named: readonly string[]): Promise<void> {
  const keep = new Set([...named, join(dir, MANIFEST_FILE)])
  for (const file of await readdir(dir)) {
    const path = join(dir, file)
    if (!keep.has(path)) await rm(path, { recursive: true, force: true })
  }
}
