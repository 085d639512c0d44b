/** Who asks, in the hands of a route: the principal, and the only way from it to an organisation's data. */
import type { OrgScope, ScopeKeeper } from '../scope.ts'
import type { Principal } from './principal.ts'
import type { Permission } from './roles.ts'

export interface Asker {
  readonly principal: Principal
  /** @throws ApiError not_found, forbidden, database_unavailable */
  readonly scopeFor: (orgId: string, permission: Permission) => Promise<OrgScope>
  /** Who asks now, for a request that goes on for long. @throws ApiError as for a new request */
  readonly again: () => Promise<Asker>
}

/** `authenticate` reads the signs of the request each time anew. */
export function askerOf(principal: Principal, keeper: ScopeKeeper, authenticate: () => Promise<Principal>): Asker {
  return {
    principal,
    scopeFor: (orgId, permission) => keeper.scopeFor(principal, orgId, permission),
    again: async () => askerOf(await authenticate(), keeper, authenticate),
  }
}

/** The organisation that goes without saying; in local mode and over several it is to be named. */
export function onlyOrgOf(principal: Principal): string | undefined {
  switch (principal.kind) {
    case 'key':
    case 'token':
      return principal.orgId
    case 'session':
      return principal.people.length === 1 ? principal.people[0]?.orgId : undefined
    case 'local':
    case 'anonymous':
      return undefined
  }
}
