/** Local mode without ECOMIND_SECRET_KEYS: secret keys of this machine, made at the first start and kept in the data folder. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type KeyRing, readKeyRing } from '@ecomind/schemas/keys'

/** @throws KeyRingError when the file was changed by hand, Error when it can't be written */
export function localKeyRing(dataDir: string): KeyRing {
  const file = join(dataDir, 'secret-keys')
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, `local:${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  }
  return readKeyRing(readFileSync(file, 'utf8'))
}
