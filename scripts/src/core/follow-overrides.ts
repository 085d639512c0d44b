/**
 * The running factors: the set that ships with the product, and over it what organisations state in the control store.
 * Every change is first published in ClickHouse, then becomes what new batches run with, so that a redo and an
 * explanation find it whatever dies in between. Changes of this process are taken up at once (`refresh`), those of
 * others within seconds.
 */
import type { ClickHouse } from '@ecomind/clickhouse'
import { applyOverrides, type DefinedFactorSet, type OverriddenSet, overrideSnapshot } from '@ecomind/footprint'
import { type Queries, type RunningFactors, readAllOverrides, type StoredOverride } from '@ecomind/serving-api'
import { type FootprintModel, footprintModel } from '@ecomind/stream-jobs'
import type { Logger } from 'pino'
import { publishOverrides, publishSnapshot } from './factor-sets.ts'

const EVERY_MS = 5000

export interface FollowDeps {
  readonly clickhouse: ClickHouse
  readonly database: Queries
  readonly base: DefinedFactorSet
  readonly logger: Logger
}

export interface FollowedOverrides extends RunningFactors {
  /** For the next batch. */
  readonly model: () => FootprintModel
  readonly stop: () => Promise<void>
}

interface State {
  /** Number of the newest change; 0: there was none yet. */
  readonly revision: number
  readonly sets: ReadonlyMap<string, OverriddenSet>
  readonly model: FootprintModel
}

/** Resolves when what the store holds now is what runs. @throws DatabaseError, ClickHouseError */
export async function followOverrides({ clickhouse, database, base, logger }: FollowDeps): Promise<FollowedOverrides> {
  let state: State = { revision: 0, sets: new Map(), model: footprintModel(base) }
  const look = async (): Promise<void> => {
    const all = await readAllOverrides(database)
    const revision = newest(all.map((o) => o.revision))
    if (revision === state.revision) return
    state = await publishState(clickhouse, base, all, revision, state.sets)
    logger.info({ revision, organisations: state.sets.size, model: state.model.id }, 'overrides of factors changed')
  }
  let last: Promise<void> = Promise.resolve()
  /** One look behind the other: whoever asks has their own change in the answer. */
  const refresh = (): Promise<void> => {
    last = last.catch(() => undefined).then(look)
    return last
  }
  await refresh()
  const timer = setInterval(() => {
    refresh().catch((error: unknown) => logger.warn({ err: error }, 'overrides could not be read; tried again'))
  }, EVERY_MS)
  return {
    base,
    setOf: (orgId) => state.sets.get(orgId) ?? base,
    refresh,
    model: () => state.model,
    stop: async () => {
      clearInterval(timer)
      await last.catch(() => undefined)
    },
  }
}

const newest = (revisions: readonly number[]): number => revisions.reduce((a, b) => Math.max(a, b), 0)

async function publishState(
  clickhouse: ClickHouse,
  base: DefinedFactorSet,
  all: readonly StoredOverride[],
  revision: number,
  published: ReadonlyMap<string, OverriddenSet>,
): Promise<State> {
  const sets = new Map<string, OverriddenSet>()
  for (const [orgId, own] of byOrganisation(all)) {
    const live = own.filter((o) => !o.deleted).map((o) => o.override)
    if (live.length === 0) continue
    const set = applyOverrides(base, orgId, newest(own.map((o) => o.orgRevision)), live)
    const known = published.get(orgId)
    if (known?.id !== set.id) await publishOverrides(clickhouse, set)
    sets.set(orgId, known?.id === set.id ? known : set)
  }
  if (sets.size === 0) return { revision, sets, model: footprintModel(base) }
  const snapshot = overrideSnapshot(base, revision, [...sets.values()])
  await publishSnapshot(clickhouse, snapshot, base.methodVersion)
  return { revision, sets, model: footprintModel(base, { id: snapshot.id, sets: [...sets.values()] }) }
}

function byOrganisation(all: readonly StoredOverride[]): ReadonlyMap<string, readonly StoredOverride[]> {
  const byOrg = new Map<string, StoredOverride[]>()
  for (const stored of all) byOrg.set(stored.orgId, [...(byOrg.get(stored.orgId) ?? []), stored])
  return byOrg
}
