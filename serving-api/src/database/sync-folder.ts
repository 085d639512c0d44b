/**
 * Flushes what a process wrote into a folder to the disk. PGlite hands its writes to the operating system and calls no
 * fsync: enough when the process dies, not when the machine loses power. The store is small and written rarely, so after
 * each transaction the files that changed since the last flush are flushed one by one.
 */
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Times of files have the resolution of the system's clock tick. */
const TICK_MS = 20

/** Remembers up to when a folder was flushed. */
export function folderFlusher(folder: string, nowMs: () => number = Date.now): () => Promise<void> {
  let flushedMs = 0
  return async () => {
    const startedMs = nowMs()
    await flush(folder, flushedMs - TICK_MS)
    flushedMs = startedMs
  }
}

async function flush(folder: string, sinceMs: number): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await flush(path, sinceMs)
    else if (entry.isFile() && (await stat(path)).mtimeMs >= sinceMs) await flushOne(path)
  }
  if ((await stat(folder)).mtimeMs >= sinceMs) await flushOne(folder)
}

async function flushOne(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
