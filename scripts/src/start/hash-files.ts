/** One hash over files and their names, by which a build knows whether what it was made from is still the same. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** `files` relative to the root, which counts as well: what is built may hold it. A file that is gone counts as changed. */
export function hashFiles(root: string, files: readonly string[]): string {
  const hash = createHash('sha256').update(root)
  for (const file of files) {
    const path = join(root, file)
    hash.update(`\0${file}\0`).update(existsSync(path) ? readFileSync(path) : 'gone')
  }
  return hash.digest('hex')
}
