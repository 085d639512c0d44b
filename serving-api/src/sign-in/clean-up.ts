/** Takes away what is over: sessions, flows, links, assertion ids and forgotten failures. */
import { FLOW_MS } from './flows.ts'
import { limitsOf } from './sessions/session-store.ts'
import type { SignIn } from './sign-in.ts'

const EVERY_MS = 300_000
/** Used links are kept for a while, to say that they were used. */
const LINKS_KEPT_MS = 2_592_000_000
/** Longer than any count of failures lasts. */
const ATTEMPTS_KEPT_MS = 86_400_000

export async function cleanUp(signIn: SignIn): Promise<void> {
  const now = signIn.nowMs()
  const { seenAfter, signedInAfter } = limitsOf(signIn)
  await signIn.keep(async (queries) => {
    await queries.query('DELETE FROM ecomind.session_sign_ins WHERE at <= $1', [signedInAfter])
    await queries.query(
      `DELETE FROM ecomind.sessions s WHERE last_seen_at <= $1
       OR NOT EXISTS (SELECT FROM ecomind.session_sign_ins i WHERE i.session_id = s.id)`,
      [seenAfter],
    )
    await queries.query('DELETE FROM ecomind.sign_in_flows WHERE expires_at <= $1', [new Date(now - FLOW_MS)])
    await queries.query('DELETE FROM ecomind.used_assertions WHERE expires_at <= $1', [new Date(now)])
    await queries.query('DELETE FROM ecomind.sign_in_links WHERE expires_at <= $1', [new Date(now - LINKS_KEPT_MS)])
    await queries.query('DELETE FROM ecomind.sign_in_attempts WHERE counted_at <= $1', [
      new Date(now - ATTEMPTS_KEPT_MS),
    ])
  })
}

/** Now and then, until it is stopped. A round that fails is made up for by the next. */
export function cleanUpRegularly(signIn: SignIn): () => void {
  const timer = setInterval(() => {
    cleanUp(signIn).catch((error: unknown) => signIn.logger.warn({ err: error }, 'sign-in was not cleaned up'))
  }, EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}
