/** Every route of sign-in. */
import type { Route } from '../http/route.ts'
import { domainRoutes } from './domains/domain-routes.ts'
import { firstOwnerRoutes } from './first-owner.ts'
import { accountAdminRoutes } from './local/account-admin-routes.ts'
import { accountRoutes } from './local/account-routes.ts'
import { linkRoutes } from './local/link-routes.ts'
import { oidcRoutes } from './oidc/oidc-routes.ts'
import { passkeyRoutes } from './passkeys/passkey-routes.ts'
import { methodRoutes } from './providers/method-routes.ts'
import { providerRoutes } from './providers/provider-routes.ts'
import { samlRoutes } from './saml/saml-routes.ts'
import { sessionRoutes } from './sessions/session-routes.ts'
import { tokenIssuerRoutes } from './tokens/token-issuer-routes.ts'

export const signInRoutes: readonly Route[] = [
  ...methodRoutes,
  ...accountRoutes,
  ...sessionRoutes,
  ...passkeyRoutes,
  ...linkRoutes,
  ...firstOwnerRoutes,
  ...accountAdminRoutes,
  ...oidcRoutes,
  ...samlRoutes,
  ...providerRoutes,
  ...domainRoutes,
  ...tokenIssuerRoutes,
]
