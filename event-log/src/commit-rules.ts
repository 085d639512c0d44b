const MAX_NOTE_BYTES = 4_096

/** @throws RangeError for an offset that no record can have or a note that is too long */
export function checkCommit(offset: number, note: string): void {
  if (!Number.isSafeInteger(offset) || offset < 0) throw new RangeError(`Commit: offset ${offset}, wanted 0 or more`)
  const noteBytes = Buffer.byteLength(note, 'utf8')
  if (noteBytes > MAX_NOTE_BYTES) {
    throw new RangeError(`Commit: note of ${noteBytes} bytes, wanted at most ${MAX_NOTE_BYTES}`)
  }
}
