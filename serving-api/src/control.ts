/**
 * The control plane of one API process: organisations, keys, sign-in, and who a request comes from. Production needs the
 * control store and the secret keys; local mode has one organisation and asks nobody.
 */
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import type { KeyRing } from '@ecomind/schemas/keys'
import type { Logger } from 'pino'
import { type Authenticate, authenticateBySigns, authenticateLocally } from './access/authenticate.ts'
import { firstOrganisation, localOrganisation, type TellOperator } from './bootstrap/make-organisation.ts'
import type { ApiConfig } from './config.ts'
import type { Control } from './context.ts'
import type { Database } from './database/database.ts'
import { answerSealOf } from './http/answer-seal.ts'
import { ApiError } from './http/api-error.ts'
import { createKey, FIRST_KEY } from './keys/change-keys.ts'
import { EdgeNews } from './keys/edge-news.ts'
import { KnownKeys } from './keys/known-keys.ts'
import { KnownOrganisations } from './organisations/known-organisations.ts'
import { type Organisations, onlyOrganisation } from './organisations/organisation.ts'
import { cleanUpRegularly } from './sign-in/clean-up.ts'
import { principalOfSession } from './sign-in/sessions/session-of-request.ts'
import { createSignIn, type SignInOverrides } from './sign-in/sign-in.ts'
import { looksLikeToken, principalOfToken } from './sign-in/tokens/principal-of-token.ts'

export interface ControlPlane extends Control {
  readonly organisations: Organisations & { forget(orgId: string): void }
  readonly authenticate: Authenticate
  /** Ends what goes on beside the requests. */
  readonly stop?: () => void
}

export interface ControlDeps {
  /** Null: local mode without a control store. */
  readonly database: Database | null
  readonly nowMs: () => number
  readonly logger: Logger
  /** Where the link for the first owner goes; absent: into the log. */
  readonly tellOperator?: TellOperator
  /** Of tests. */
  readonly signIn?: SignInOverrides
}

/** Makes the first organisation where there is none. @throws Error in production without store or secret keys */
export async function openControl(deps: ControlDeps, config: ApiConfig): Promise<ControlPlane> {
  const { database, nowMs } = deps
  const answerSeal = answerSealOf(config.keyRing)
  if (config.mode === 'local') {
    if (database === null) {
      const only = onlyOrganisation(LOCAL_ORG_ID, config.tz)
      const organisations = { ...only, forget: () => {} }
      const without = { keys: null, makeAdminKey: noKeys, signIn: null }
      return { organisations, authenticate: authenticateLocally, ...without, answerSeal }
    }
    await localOrganisation(database, LOCAL_ORG_ID, config.tz, new Date(nowMs()))
    return {
      organisations: new KnownOrganisations(database, nowMs),
      authenticate: authenticateLocally,
      ...keyControlOf(database, config.keyRing, deps),
      signIn: null,
      answerSeal,
    }
  }
  if (database === null || config.keyRing === null)
    throw new Error('start the API: production needs the control store and ECOMIND_SECRET_KEYS')
  const signIn = createSignIn({
    database,
    keyRing: config.keyRing,
    nowMs,
    logger: deps.logger,
    ...deps.signIn,
    config: {
      publicUrl: config.publicUrl,
      sessionIdleMs: config.sessionIdleMs,
      sessionAbsoluteMs: config.sessionAbsoluteMs,
      outbound: { allowPrivate: config.privateProviders, allowLoopback: false },
      ...deps.signIn?.config,
    },
  })
  await firstOrganisation(database, config, signIn, deps.tellOperator)
  const keyControl = keyControlOf(database, config.keyRing, deps)
  return {
    organisations: new KnownOrganisations(database, nowMs),
    authenticate: authenticateBySigns({
      bearer: async (secret) =>
        looksLikeToken(secret)
          ? await principalOfToken(signIn, secret)
          : ((await keyControl.keys?.known.find(secret)) ?? null),
      session: (req, isPublic) => principalOfSession(signIn, req, isPublic),
    }),
    ...keyControl,
    signIn,
    answerSeal,
    stop: cleanUpRegularly(signIn),
  }
}

/** Local mode may go without secret keys, and then without API keys. */
function keyControlOf(
  database: Database,
  ring: KeyRing | null,
  deps: Pick<ControlDeps, 'nowMs' | 'logger'>,
): Pick<Control, 'keys' | 'makeAdminKey'> {
  if (ring === null) return { keys: null, makeAdminKey: noKeys }
  return {
    keys: { ring, database, known: new KnownKeys(database, ring, deps), edges: new EdgeNews() },
    makeAdminKey: async (queries, doer, orgId) => (await createKey(queries, ring, doer, orgId, FIRST_KEY)).secret,
  }
}

const noKeys = async (): Promise<never> => {
  throw new ApiError('database_unavailable', 'This process has no secret keys to make API keys with')
}
