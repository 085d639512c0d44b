/** Secret keys of the installation, API keys made from them, and what edges learn of those. Needs Node. */
export {
  API_KEY_CHARACTERS_MAX,
  API_KEY_SCOPES,
  type ApiKeyScope,
  hashApiKey,
  hintOf,
  isApiKey,
  makeApiKey,
} from './api-key.ts'
export { edgeAuthorization, isEdgeAuthorization } from './edge-token.ts'
export { type KeyRing, KeyRingError, readKeyRing } from './key-ring.ts'
export { keyRingOf, keyRingSettings } from './key-ring-settings.ts'
export {
  type KeySnapshot,
  KeySnapshotError,
  openKeySnapshot,
  type SnapshotKey,
  type SnapshotOrganisation,
  signKeySnapshot,
} from './key-snapshot.ts'
export {
  ADDRESSES_WITH_PASSWORD,
  isKnownPassword,
  knownPasswordFaults,
  PASSWORD_SETTINGS,
  passwordsIn,
} from './known-passwords.ts'
export { open, SealError, seal } from './seal.ts'
