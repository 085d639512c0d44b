/** What everything about sign-in works with; made once, in `start-api.ts`. */
import { resolveTxt } from 'node:dns/promises'
import type { KeyRing } from '@ecomind/schemas/keys'
import type { Logger } from 'pino'
import { answering } from '../database/answering.ts'
import type { Database, Queries } from '../database/database.ts'
import { type GuardedFetch, guardedFetch } from '../outbound/guarded-fetch.ts'
import { PasswordHasher } from './local/password-hasher.ts'
import { OidcClients } from './oidc/oidc-clients.ts'
import { TokenKeys } from './tokens/token-keys.ts'

export interface SignInConfig {
  /** Origin under which browsers reach the API, such as `https://ecomind.example.com`. */
  readonly publicUrl: string
  /** A session that is not used for so long ends. */
  readonly sessionIdleMs: number
  /** A sign-in ends after so long, however much it is used. */
  readonly sessionAbsoluteMs: number
  /** Identity providers and key sets may be in a private network. Loopback without TLS is for tests and local mode. */
  readonly outbound: { readonly allowPrivate: boolean; readonly allowLoopback: boolean }
}

export interface SignInParts {
  readonly config: SignInConfig
  readonly database: Database
  readonly keyRing: KeyRing
  readonly nowMs: () => number
  readonly logger: Logger
  /** TXT records of a name, each in its pieces; default: DNS. */
  readonly resolveTxt?: (name: string) => Promise<readonly (readonly string[])[]>
}

export interface SignIn extends Required<SignInParts> {
  readonly hasher: PasswordHasher
  readonly fetch: GuardedFetch
  readonly oidcClients: OidcClients
  readonly tokenKeys: TokenKeys
  /** One transaction on the control store. @throws ApiError database_unavailable, and what `work` throws */
  readonly keep: <T>(work: (queries: Queries) => Promise<T>) => Promise<T>
}

export interface SignInOverrides extends Partial<Pick<SignInParts, 'resolveTxt'>> {
  readonly config?: Partial<SignInConfig>
}

export function createSignIn(parts: SignInParts): SignIn {
  const { config, database, nowMs } = parts
  const fetch = guardedFetch(config.outbound)
  return {
    resolveTxt,
    ...parts,
    hasher: new PasswordHasher(),
    fetch,
    oidcClients: new OidcClients(fetch, config.publicUrl, nowMs),
    tokenKeys: new TokenKeys(fetch),
    keep: (work) => answering(() => database.transaction(work)),
  }
}

export const originOf = ({ config }: Pick<SignIn, 'config'>): string => new URL(config.publicUrl).origin
export const isSecure = ({ config }: Pick<SignIn, 'config'>): boolean => config.publicUrl.startsWith('https:')
