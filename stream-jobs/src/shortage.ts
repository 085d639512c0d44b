/** No room, no file handles: nothing is broken, and it passes by itself. */
const SHORTAGES: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE']

export function isShortage(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && SHORTAGES.includes(error.code)
}
