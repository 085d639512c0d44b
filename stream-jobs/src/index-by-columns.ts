// TODO(merge): the index of before behind the seam of columns. This file goes away with the new index, as do `find` and
// `addCopies` of DedupeIndex.
import type { DedupeIndex, IdKeys, StoredCopies } from './dedupe-index.ts'
import type { IdColumns, StoredCopy } from './drop-duplicates.ts'
import { idKey } from './id-key.ts'

export function byColumns(index: StoredCopies): DedupeIndex {
  return {
    marker: () => index.marker(),
    find: (key) => index.find(key),
    addCopies: (copies, marker) => index.addCopies(copies, marker),
    dropBefore: (day) => index.dropBefore(day),
    clear: () => index.clear(),
    close: () => index.close(),
    keyOf: idKeys,
    findAll(keys, count, hit) {
      for (let row = 0; row < count; row++) {
        const copies = index.find(keyText(keys, row))
        if (copies.length > 0) hit(row, copies)
      }
    },
    async add(ids, rows, generation, marker) {
      const copies = Array.from(rows, (row) => ({ key: keyText(ids.keys, row), copy: copyAt(ids, row, generation) }))
      await index.addCopies(copies, marker)
    },
  }
}

const idKeys: IdKeys = {
  write(orgBytes, orgStart, orgEnd, idBytes, idStart, idEnd, keys, row) {
    idKeys.writeText(textOf(orgBytes, orgStart, orgEnd), textOf(idBytes, idStart, idEnd), keys, row)
  },
  writeText(orgId, eventId, keys, row) {
    const digest = Buffer.from(idKey(orgId, eventId), 'latin1')
    for (let word = 0; word < 4; word++) keys[row * 4 + word] = digest.readUInt32LE(word * 4)
  },
}

const textOf = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8', start, end)

export function keyText(keys: Uint32Array, row: number): string {
  return Buffer.from(keys.buffer, keys.byteOffset + row * 16, 16).toString('latin1')
}

export function copyAt(ids: IdColumns, row: number, generation: number): StoredCopy {
  return {
    generation,
    offset: ids.offsets[row] ?? 0,
    index: ids.indexes[row] ?? 0,
    contentHash: ids.contentHashes[row] ?? 0,
    arrivalDay: ids.arrivalDays[row] ?? 0,
  }
}
