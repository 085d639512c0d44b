/** How answers that are kept for an `Idempotency-Key` lie in the control store. */
import { type KeyRing, open, seal } from '@ecomind/schemas/keys'
import type { AnswerSeal } from './idempotency.ts'

const PURPOSE = 'idempotent-answer'
const PLAIN = 'plain.'

/** Without a key ring no key, link or secret can be made, so no answer holds one. */
export function answerSealOf(ring: KeyRing | null): AnswerSeal {
  const openSealed = (sealed: string) => {
    if (sealed.startsWith(PLAIN)) return sealed.slice(PLAIN.length)
    if (ring === null) throw new Error('open a kept answer: it is sealed, and there is no key ring')
    return open(ring, PURPOSE, sealed)
  }
  return { seal: (plain) => (ring === null ? `${PLAIN}${plain}` : seal(ring, PURPOSE, plain)), open: openSealed }
}
