/** Every route, in the order of the OpenAPI document. */
import { auditExportRoute } from './endpoints/audit-export.ts'
import { auditHeadsRoute, auditKeysRoute, auditSignRoute, auditsRoute, auditVerifyRoute } from './endpoints/audits.ts'
import { dailyRoute } from './endpoints/daily.ts'
import { documentRoutes } from './endpoints/documents.ts'
import { EDGE_ONLY_ROUTES } from './endpoints/edge-keys.ts'
import { equivalentsRoute } from './endpoints/equivalents.ts'
import { eventsRoute } from './endpoints/events.ts'
import { explainRoute } from './endpoints/explain.ts'
import {
  factorCreateRoute,
  factorDeleteRoute,
  factorPatchRoute,
  factorReplaceRoute,
  factorRoute,
  factorsRoute,
} from './endpoints/factors.ts'
import { groupPatchRoute, groupRoute, groupsRoute } from './endpoints/groups.ts'
import { healthRoute } from './endpoints/health.ts'
import { intensityRoute } from './endpoints/intensity.ts'
import { keyCreateRoute, keyDeleteRoute, keyPatchRoute, keyRotateRoute, keyRoute, keysRoute } from './endpoints/keys.ts'
import { liveRoute } from './endpoints/live.ts'
import { marketBasedRoute } from './endpoints/market-based.ts'
import { metricsRoute } from './endpoints/metrics.ts'
import {
  organisationCreateRoute,
  organisationDeleteRoute,
  organisationPatchRoute,
  organisationRoute,
  organisationsRoute,
} from './endpoints/organisations.ts'
import { erasureCreateRoute, erasureRoute, erasuresRoute, personExportRoute } from './endpoints/privacy.ts'
import { quarantineItemRoute, quarantineListRoute, quarantineReplayRoute } from './endpoints/quarantine.ts'
import {
  recomputationRoute,
  recomputationsRoute,
  recomputeRoute,
  retireEarlierRoute,
  takeBackRoute,
} from './endpoints/recomputations.ts'
import { reconciliationRoute } from './endpoints/reconciliation.ts'
import { scimDocumentRoutes } from './endpoints/scim-documents.ts'
import { scimGroupRoutes } from './endpoints/scim-groups.ts'
import { scimUserRoutes } from './endpoints/scim-users.ts'
import { sqlQueriesRoute, sqlRoute } from './endpoints/sql.ts'
import { suggestionsRoute } from './endpoints/suggestions.ts'
import { todayRoute } from './endpoints/today.ts'
import { projectRoutes, teamRoutes } from './endpoints/units.ts'
import { usageRoute } from './endpoints/usage.ts'
import { usageExplainRoute } from './endpoints/usage-explain.ts'
import { userCreateRoute, userDeleteRoute, userPatchRoute, userRoute, usersRoute } from './endpoints/users.ts'
import { whatifRoute } from './endpoints/whatif.ts'
import type { Route } from './http/route.ts'
import { signInRoutes } from './sign-in/routes.ts'

const QUESTIONS: readonly Route[] = [
  todayRoute,
  dailyRoute,
  usageRoute,
  usageExplainRoute,
  intensityRoute,
  marketBasedRoute,
  equivalentsRoute,
  whatifRoute,
  suggestionsRoute,
  recomputeRoute,
  recomputationsRoute,
  recomputationRoute,
  takeBackRoute,
  retireEarlierRoute,
  factorsRoute,
  factorCreateRoute,
  factorRoute,
  factorReplaceRoute,
  factorPatchRoute,
  factorDeleteRoute,
  liveRoute,
  eventsRoute,
  explainRoute,
  reconciliationRoute,
  quarantineListRoute,
  quarantineReplayRoute,
  quarantineItemRoute,
  organisationsRoute,
  organisationCreateRoute,
  organisationRoute,
  organisationPatchRoute,
  organisationDeleteRoute,
  usersRoute,
  userCreateRoute,
  userRoute,
  userPatchRoute,
  userDeleteRoute,
  ...teamRoutes,
  ...projectRoutes,
  groupsRoute,
  groupRoute,
  groupPatchRoute,
  ...scimUserRoutes,
  ...scimGroupRoutes,
  ...scimDocumentRoutes,
  sqlRoute,
  sqlQueriesRoute,
  keysRoute,
  keyCreateRoute,
  keyRoute,
  keyPatchRoute,
  keyDeleteRoute,
  keyRotateRoute,
  ...signInRoutes,
  auditsRoute,
  auditVerifyRoute,
  auditExportRoute,
  auditHeadsRoute,
  auditSignRoute,
  auditKeysRoute,
  personExportRoute,
  erasureCreateRoute,
  erasuresRoute,
  erasureRoute,
  healthRoute,
  metricsRoute,
]

export const ROUTES: readonly Route[] = [...QUESTIONS, ...documentRoutes(QUESTIONS), ...EDGE_ONLY_ROUTES]
