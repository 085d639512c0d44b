/** Secret keys of the installation, API keys made from them, and what edges learn of those. Needs Node. */
export { type KeyRing, KeyRingError, readKeyRing } from './key-ring.ts'
export { keyRingOf, keyRingSettings } from './key-ring-settings.ts'
export { open, SealError, seal } from './seal.ts'
