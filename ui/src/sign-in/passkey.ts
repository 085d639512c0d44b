/** Sign-in with a passkey: the browser asks the person, the server checks what the authenticator signed. */
import { browserSupportsWebAuthn, startAuthentication, WebAuthnError } from '@simplewebauthn/browser'
import { send } from '../api/send.ts'

type Options = Parameters<typeof startAuthentication>[0]['optionsJSON']

/** Also false on a page without TLS, where browsers have no passkeys. */
export const canUsePasskeys = (): boolean => globalThis.isSecureContext && browserSupportsWebAuthn()

/** False: the person closed the browser's question. @throws ApiError when the server refuses */
export async function signInWithPasskey(): Promise<boolean> {
  const options = await send<Options>({ method: 'POST', path: '/v1/auth/passkeys/sign-in/options' })
  let response: unknown
  try {
    response = await startAuthentication({ optionsJSON: options })
  } catch (error) {
    if (isCancelled(error)) return false
    throw error
  }
  await send({ method: 'POST', path: '/v1/auth/passkeys/sign-in', body: { response } })
  return true
}

function isCancelled(error: unknown): boolean {
  const name = error instanceof WebAuthnError ? error.name : error instanceof Error ? error.name : ''
  return name === 'NotAllowedError' || name === 'AbortError'
}
