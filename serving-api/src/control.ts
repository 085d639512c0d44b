/**
 * The control plane of one API process: organisations, keys, sign-in, and who a request comes from. Production needs the
 * control store and the secret keys; local mode has one organisation and asks nobody.
 */
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import type { Logger } from 'pino'
import { type Authenticate, authenticateBySigns, authenticateLocally } from './access/authenticate.ts'
import type { Doer } from './audit/doer.ts'
import { firstOrganisation, localOrganisation } from './bootstrap/make-organisation.ts'
import type { ApiConfig } from './config.ts'
import type { Database, Queries } from './database/database.ts'
import { answerSealOf } from './http/answer-seal.ts'
import { ApiError } from './http/api-error.ts'
import type { AnswerSeal } from './http/idempotency.ts'
import { KnownOrganisations } from './organisations/known-organisations.ts'
import { type Organisations, onlyOrganisation } from './organisations/organisation.ts'

export interface ControlPlane {
  readonly organisations: Organisations & { forget(orgId: string): void }
  readonly authenticate: Authenticate
  readonly makeAdminKey: (queries: Queries, doer: Doer, orgId: string) => Promise<string>
  readonly answerSeal: AnswerSeal
}

export interface ControlDeps {
  /** Null: local mode without a control store. */
  readonly database: Database | null
  readonly nowMs: () => number
  readonly logger: Logger
}

/** Makes the first organisation where there is none. @throws Error in production without store or secret keys */
export async function openControl(deps: ControlDeps, config: ApiConfig): Promise<ControlPlane> {
  const { database, nowMs } = deps
  const answerSeal = answerSealOf(config.keyRing)
  if (config.mode === 'local') {
    if (database === null) {
      const only = onlyOrganisation(LOCAL_ORG_ID, config.tz)
      return {
        organisations: { ...only, forget: () => {} },
        authenticate: authenticateLocally,
        makeAdminKey: noKeys,
        answerSeal,
      }
    }
    await localOrganisation(database, LOCAL_ORG_ID, config.tz, new Date(nowMs()))
    return {
      organisations: new KnownOrganisations(database, nowMs),
      authenticate: authenticateLocally,
      makeAdminKey: noKeys,
      answerSeal,
    }
  }
  if (database === null || config.keyRing === null)
    throw new Error('start the API: production needs the control store and ECOMIND_SECRET_KEYS')
  await firstOrganisation(database, config, deps)
  return {
    organisations: new KnownOrganisations(database, nowMs),
    authenticate: authenticateBySigns({ bearer: async () => null, session: async () => null }),
    makeAdminKey: noKeys,
    answerSeal,
  }
}

const noKeys = async (): Promise<never> => {
  throw new ApiError('database_unavailable', 'This process has no secret keys to make API keys with')
}
