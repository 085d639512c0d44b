/** The scope of local mode's organisation over a database of a test. */
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import { onlyOrganisation } from '../organisations/organisation.ts'
import { type OrgScope, ScopeKeeper, type ScopeOptions } from '../scope.ts'

type Given = Pick<ScopeOptions, 'clickhouse'> & Partial<ScopeOptions>

export function localKeeper(given: Given): ScopeKeeper {
  const organisations = onlyOrganisation(LOCAL_ORG_ID, 'UTC')
  return new ScopeKeeper({ limits: {}, questionsMax: 64, organisations, ...given })
}

export async function localScope(given: Given): Promise<OrgScope> {
  return await localKeeper(given).scopeFor({ kind: 'local' }, LOCAL_ORG_ID, 'usage:read')
}
