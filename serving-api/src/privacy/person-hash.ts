/** Names a person for audit and certificates: whoever knows the id can check it, nobody learns it from the hash. */
import { createHash, randomBytes } from 'node:crypto'

export interface PersonHash {
  readonly salt: string
  /** Hex of SHA-256 over salt and user id. */
  readonly sha256: string
}

const SALT_BYTES = 16

export function hashPerson(userId: string, salt = randomBytes(SALT_BYTES).toString('hex')): PersonHash {
  return { salt, sha256: createHash('sha256').update(salt).update(userId, 'utf8').digest('hex') }
}
