/** How an edge shows the control plane that it is one: a token that both derive from the same ring. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { KeyRing } from './key-ring.ts'

/** What an edge sends, for the active secret key. */
export const edgeAuthorization = (ring: KeyRing): string => `Bearer ${tokenOf(ring, ring.activeId)}`

/** True for the token of any secret key in the ring; takes as long for a wrong one. */
export function isEdgeAuthorization(ring: KeyRing, authorization: string): boolean {
  const given = digest(authorization)
  return ring.ids.map((id) => timingSafeEqual(given, digest(`Bearer ${tokenOf(ring, id)}`))).includes(true)
}

const tokenOf = (ring: KeyRing, id: string): string => `eco_edge_${ring.derive(id, 'edge').toString('base64url')}`
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
