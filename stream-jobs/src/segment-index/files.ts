/** What the files of the index have in common: writing whole, telling a shortage from damage. */
import type { FileHandle } from 'node:fs/promises'
import { IndexDamagedError } from '../dedupe-index.ts'
import { isShortage } from '../shortage.ts'

/** A write may stop short; the next one then says why. */
export async function writeWhole(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

/** A full disk is no damage, nor are too many open files: the caller's retry meets it again until it is over. */
export function asIndexError(error: unknown): Error {
  if (error instanceof IndexDamagedError || isShortage(error)) return error
  const text = error instanceof Error ? error.message : String(error)
  return new IndexDamagedError(`use the dedupe index: ${text}`, { cause: error })
}
