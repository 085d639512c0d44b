/** Room for ids as columns. */
import type { IdColumns } from './dedupe-index.ts'
import { KEY_WORDS } from './id-key.ts'

export function allocateIds(count: number): IdColumns {
  return {
    count,
    keys: new Uint32Array(count * KEY_WORDS),
    offsets: new Float64Array(count),
    indexes: new Uint32Array(count),
    contentHashes: new Uint32Array(count),
    arrivalDays: new Int32Array(count),
  }
}
