/** The two settings that give a process its secret keys. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type KeyRing, KeyRingError, readKeyRing } from './key-ring.ts'

export const keyRingSettings = {
  ECOMIND_SECRET_KEYS: z
    .string()
    .optional()
    .describe(
      'id:base64 of 32 random bytes, separated by commas, the first is active; seals secrets, signs and hashes keys',
    ),
  ECOMIND_SECRET_KEYS_FILE: z
    .string()
    .optional()
    .describe('path of a file that holds what ECOMIND_SECRET_KEYS would, so that it stands in no environment'),
}

interface KeyRingSettings {
  readonly ECOMIND_SECRET_KEYS?: string | undefined
  readonly ECOMIND_SECRET_KEYS_FILE?: string | undefined
}

/** The ring, null when neither setting is given, and what is wrong with them, without a secret in it. */
export function keyRingOf(settings: KeyRingSettings): { ring: KeyRing | null; faults: readonly string[] } {
  const { ECOMIND_SECRET_KEYS: text, ECOMIND_SECRET_KEYS_FILE: file } = settings
  if (text !== undefined && file !== undefined)
    return { ring: null, faults: ['ECOMIND_SECRET_KEYS_FILE: give this or ECOMIND_SECRET_KEYS, not both'] }
  if (text === undefined && file === undefined) return { ring: null, faults: [] }
  const setting = text === undefined ? 'ECOMIND_SECRET_KEYS_FILE' : 'ECOMIND_SECRET_KEYS'
  try {
    return { ring: readKeyRing(text ?? readFileSync(file ?? '', 'utf8')), faults: [] }
  } catch (error) {
    const why = error instanceof KeyRingError ? error.message : `read file: ${codeOf(error)}`
    return { ring: null, faults: [`${setting}: ${why}`] }
  }
}

/** Such as ENOENT. */
const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'it failed'
