/** Every address of sign-in, made and read in one place. */
import { addressOf, type Params } from '../api/ask.ts'

export const SIGN_IN_PATH = '/sign-in'
export const INVITATION_PATH = '/invitation'
export const RESET_PATH = '/reset'
export const FIRST_OWNER_PATH = '/first-owner'

const PATHS: readonly string[] = [SIGN_IN_PATH, INVITATION_PATH, RESET_PATH, FIRST_OWNER_PATH]
export const isSignInPath = (path: string): boolean => PATHS.includes(path.replace(/\/$/, ''))

/** Why someone is on the sign-in page, beside having opened it. */
export const ARRIVALS = ['expired', 'signed_out', 'password_set', 'another'] as const
export type Arrival = (typeof ARRIVALS)[number]

export interface SignInView {
  /** A path of our own; `/` where none was given or a stranger's. */
  readonly returnTo: string
  readonly arrival: Arrival | undefined
  /** Filled in already. */
  readonly email: string
  /** Code of the error that a flow over an identity provider ended with, and the request that it is logged under. */
  readonly error: { readonly code: string; readonly requestId: string | undefined } | undefined
}

const OWN_PATH = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,2000}$/
const ERROR_CODE = /^[a-z_]{1,64}$/
const REQUEST_ID = /^[\w.:-]{1,128}$/

/** What a browser could read as another host, or as the sign-in page again, becomes `/`. The server checks it as well. */
export function safeReturnTo(text: string | null): string {
  if (text === null || !OWN_PATH.test(text)) return '/'
  const origin = 'https://origin.invalid'
  const url = new URL(text, origin)
  const path = `${url.pathname}${url.search}${url.hash}`
  return url.origin === origin && OWN_PATH.test(path) && url.pathname !== SIGN_IN_PATH ? path : '/'
}

export function readSignInView(query: string): SignInView {
  const params = new URLSearchParams(query)
  const code = params.get('error') ?? ''
  const requestId = params.get('request_id') ?? ''
  return {
    returnTo: safeReturnTo(params.get('return_to')),
    arrival: ARRIVALS.find((known) => known === params.get('arrival')),
    email: params.get('email') ?? '',
    error: ERROR_CODE.test(code) ? { code, requestId: REQUEST_ID.test(requestId) ? requestId : undefined } : undefined,
  }
}

export interface SignInTarget {
  readonly returnTo?: string
  readonly arrival?: Arrival
  readonly email?: string
}

export function signInAddress({ returnTo = '/', arrival, email }: SignInTarget): string {
  const params: Params = [
    ...(returnTo === '/' ? [] : [['return_to', returnTo] as const]),
    ...(arrival === undefined ? [] : [['arrival', arrival] as const]),
    ...(email === undefined ? [] : [['email', email] as const]),
  ]
  return addressOf(SIGN_IN_PATH, params)
}

/** `start_url` is a path of the API. */
export const providerStart = (provider: { readonly start_url: string }, returnTo: string): string =>
  addressOf(provider.start_url, [['return_to', returnTo]])

/** What is on screen now, to come back to. */
export function presentView(place: Pick<Location, 'pathname' | 'search' | 'hash'> = location): string {
  return safeReturnTo(`${place.pathname}${place.search}${place.hash}`)
}
