/** The keys of the control plane, for the SQL port: who has the right to run SQL in their organisation. */
import { AnalystError, type Authenticate } from '@ecomind/clickhouse'
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import { accessOf } from '../access/decide.ts'
import type { Principal } from '../access/principal.ts'

/** ACCESS_DENIED and NETWORK_ERROR of ClickHouse's ErrorCodes.cpp. */
const ACCESS_DENIED = 497
const NETWORK_ERROR = 210

export interface KeyFinder {
  /** Null: not known, expired or revoked. */
  find(secret: string): Promise<Principal | null>
}

/** The name that comes with a key is compared by the port. */
export function authenticateAnalyst(keys: KeyFinder): Authenticate {
  return async ({ key }) => {
    const principal = await keys.find(key).catch(() => {
      throw new AnalystError(NETWORK_ERROR, 'keys can not be checked now; try again')
    })
    if (principal?.kind !== 'key') return null
    if (accessOf(principal, principal.orgId, LOCAL_ORG_ID)?.may('sql:run') !== true)
      throw new AnalystError(ACCESS_DENIED, 'the key does not have the right to run SQL')
    return { orgId: principal.orgId, keyId: principal.keyId }
  }
}
