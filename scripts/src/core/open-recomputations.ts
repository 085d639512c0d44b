/** Recomputations of the core: a connection of their own, the loader's pause, the control store's audit trail. */
import { type ClickHouseTarget, openClickHouse } from '@ecomind/clickhouse'
import type { FactorSet } from '@ecomind/footprint'
import { type Database, databaseAudit, Recomputations, type RunningFactors } from '@ecomind/serving-api'
import type { Loader } from '@ecomind/stream-jobs'
import type { Logger } from 'pino'
import { readSet } from './factor-sets.ts'

export interface RecomputationParts {
  readonly target: ClickHouseTarget
  readonly loader: Pick<Loader, 'whileLoadingPaused' | 'isQuiet'>
  readonly database: Database
  readonly factors: RunningFactors
  readonly logger: Logger
}

/** Carries on with what an earlier process began. Stop the loader first: work that waits for its pause is refused then. */
export async function openRecomputations(
  { target, loader, database, factors, logger }: RecomputationParts,
  onStop: (close: () => Promise<void>) => void,
): Promise<Recomputations> {
  const clickhouse = await openClickHouse(target, { role: 'upkeep' })
  onStop(() => clickhouse.close())
  const loadFactorSet = async (id: string): Promise<FactorSet | null> =>
    id === factors.base.id ? factors.base : await readSet(clickhouse, id)
  const recomputations = await Recomputations.open({
    clickhouse,
    whileLoadingPaused: loader.whileLoadingPaused,
    isQuiet: loader.isQuiet,
    faultPoint: () => undefined,
    loadFactorSet,
    runningSetId: async (orgId) => factors.setOf(orgId).id,
    audit: databaseAudit(database),
    logger,
    nowMs: Date.now,
  })
  onStop(() => recomputations.stop())
  return recomputations
}
