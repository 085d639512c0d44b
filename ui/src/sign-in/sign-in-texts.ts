/** What the page says when a sign-in doesn't go through: what happened and what to do, never whether an account exists. */
import type { ApiError } from '../api/api-error.ts'
import type { Arrival } from './addresses.ts'

export const ARRIVAL_TEXT: Readonly<Record<Arrival, string>> = {
  expired: 'Your session has ended. Sign in again and you are back where you were.',
  signed_out: 'You are signed out.',
  password_set: 'Your password is set. Sign in with it.',
  another: 'Sign in to a further organisation. The ones you are signed in to stay.',
}

const BY_CODE: Readonly<Record<string, string>> = {
  invalid_credentials: 'E-mail, password or code is not right. Check them and try again.',
  sso_required: 'People of this domain sign in through their identity provider.',
  sign_in_refused:
    'Your identity provider answered, but this sign-in was not accepted. Try again; if it stays so, ask an administrator of your organisation whether you are invited.',
  provider_unavailable: 'The identity provider does not answer. Try again in a moment, or ask your administrator.',
  not_found: 'There is no such identity provider any more. Begin anew with your e-mail.',
  link_invalid: 'This link was used, has expired or is not complete. Ask for a new one.',
  csrf_rejected: 'This page was opened under another address than the server knows. Open it under its own address.',
  overloaded: 'Too many people sign in at this moment. Try again in a few seconds.',
  unreachable: 'The server can’t be reached. Check your connection and try again.',
}

/** Of a code alone, as it stands in an address. */
export function textOfCode(code: string): string {
  return (Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined) ?? 'The sign-in did not go through. Try again.'
}

export function textOfError(error: ApiError): string {
  if (error.code === 'rate_limited') return `Too many tries. Wait ${waitText(error.retryAfterS)} and try again.`
  return Object.hasOwn(BY_CODE, error.code) ? (BY_CODE[error.code] ?? error.message) : error.message
}

const MINUTE_S = 60

function waitText(seconds: number | undefined): string {
  if (seconds === undefined) return 'a moment'
  if (seconds < MINUTE_S) return seconds === 1 ? 'a second' : `${Math.ceil(seconds)} seconds`
  const minutes = Math.ceil(seconds / MINUTE_S)
  return minutes === 1 ? 'a minute' : `${minutes} minutes`
}
