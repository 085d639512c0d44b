/**
 * Writes out every factor that rollups name into the table `factors`, beside the set's own records, so that analysts can
 * join it. Factors are many (every model at every provider, in every tier), those in use are few. Explanations don't
 * need these rows; what can't be written now is written at a later turn.
 */
import { type AppliedRecord, type ClickHouse, publishFactorSet } from '@ecomind/clickhouse'
import { type DefinedFactorSet, serialiseFactor } from '@ecomind/footprint'
import type { Logger } from 'pino'
import { toApplied } from './factor-sets.ts'

const EVERY_MS = 15_000

export interface AppliedDeps {
  readonly clickhouse: ClickHouse
  readonly loadSet: (id: string) => Promise<DefinedFactorSet | null>
  readonly logger: Logger
}

/** Returns a function that stops it and waits for a turn under way. */
export function publishApplied(deps: AppliedDeps): () => Promise<void> {
  const hopeless = new Set<string>()
  let running: Promise<void> = Promise.resolve()
  const turn = () => {
    running = running.then(() =>
      publishOnce(deps, hopeless).catch((error: unknown) =>
        deps.logger.warn({ err: error }, 'applied factors: tried again later'),
      ),
    )
  }
  turn()
  const timer = setInterval(turn, EVERY_MS)
  return async () => {
    clearInterval(timer)
    await running
  }
}

/** The set and the factor underneath overrides of organisations, which are published by themselves. */
const MISSING = `
  SELECT DISTINCT splitByChar('+', factor_set)[1] AS set_id,
    replaceRegexpOne(factor_id, '^override/[^/]+/[0-9]+/', '') AS id
  FROM ecomind.usage_1d
  WHERE (set_id, id) NOT IN (SELECT factor_set, id FROM ecomind.factors)`

/** `hopeless` remembers ids that no set knows, so that they are not looked for again. */
export async function publishOnce({ clickhouse, loadSet, logger }: AppliedDeps, hopeless: Set<string>): Promise<void> {
  const missing = await clickhouse.query<{ set_id: string; id: string }>({ text: MISSING })
  const idsBySet = new Map<string, string[]>()
  for (const { set_id, id } of missing) {
    if (!hopeless.has(`${set_id} ${id}`)) idsBySet.set(set_id, [...(idsBySet.get(set_id) ?? []), id])
  }
  for (const [setId, ids] of idsBySet) {
    const set = await loadSet(setId)
    const factors: AppliedRecord[] = []
    for (const id of ids) {
      const factor = set?.factorById(id)
      if (set === null || factor === undefined) hopeless.add(`${setId} ${id}`)
      else factors.push(toApplied(serialiseFactor(set, factor)))
    }
    if (factors.length < ids.length)
      logger.warn({ setId, ids }, 'some applied factors are in no set that is stored here')
    if (set === null || factors.length === 0) continue
    await publishFactorSet(clickhouse, { factorSet: set.id, methodVersion: set.methodVersion, factors, grids: [] })
  }
}
