/**
 * Local mode without ECOMIND_SECRET_KEYS: secret keys of this machine, made at the first start and kept in the data folder.
 * They must not be lost, for what is sealed with them can't be opened without: they are on the disk before they are used.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readStateFile, writeStateFile } from '@ecomind/event-log'
import { type KeyRing, readKeyRing } from '@ecomind/schemas/keys'

/** To be asked by the one process that owns the folder. @throws Error naming the file when it can't be read or written */
export async function localKeyRing(dataDir: string): Promise<KeyRing> {
  const file = join(dataDir, 'secret-keys')
  const text = (await readStateFile(file)) ?? (await makeKeys(file))
  try {
    return readKeyRing(text)
  } catch (cause) {
    throw new Error(`read ${file}: ${(cause as Error).message}`, { cause })
  }
}

async function makeKeys(file: string): Promise<string> {
  const text = `local:${randomBytes(32).toString('base64')}\n`
  await writeStateFile(file, text)
  return text
}
