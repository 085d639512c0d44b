/**
 * Local mode without ECOMIND_SECRET_KEYS: secret keys of this machine, made at the first start and kept in the data folder.
 * They must not be lost, for what is sealed with them can't be opened without: the file is flushed before it has its name.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type KeyRing, readKeyRing } from '@ecomind/schemas/keys'

/** To be asked by the one process that owns the folder. @throws Error naming the file when it can't be read or written */
export function localKeyRing(dataDir: string): KeyRing {
  const file = join(dataDir, 'secret-keys')
  if (!existsSync(file)) writeDurably(file, `local:${randomBytes(32).toString('base64')}\n`)
  try {
    return readKeyRing(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new Error(`read ${file}: ${(cause as Error).message}`, { cause })
  }
}

function writeDurably(file: string, text: string): void {
  const folder = dirname(file)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
