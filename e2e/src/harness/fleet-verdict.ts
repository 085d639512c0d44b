/** What most tests of a fleet begin and end with: the seed, a fleet, and the oracle's verdict through every job's API. */
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import { expect } from 'vitest'
import { config } from '../config.ts'
import { getReconciliation } from './api-client.ts'
import { type Fleet, type FleetOptions, openFleet } from './fleet.ts'
import { judge, type Verdict, waitSettled } from './oracle.ts'
import type { Product } from './product.ts'
import { figures, say } from './scenario.ts'
import type { Traffic } from './traffic.ts'
import { waitFor } from './wait-for.ts'

const SETTLED_WITHIN_MS = 180_000
/** Of one test: a full machine is slow, not wrong. */
export const FLEET_TIMEOUT_MS = 900_000

/** Runs `body` on a fleet of its own; prints the seed and, when it fails, the end of what its processes said. */
export async function withFleet(
  name: string,
  options: Omit<FleetOptions, 'seed'>,
  body: (fleet: Fleet) => Promise<void>,
): Promise<void> {
  say(`${name}: E2E_SEED=${config.seed}`)
  const fleet = await openFleet({ ...options, seed: config.seed })
  try {
    await body(fleet)
  } catch (error) {
    say(`${name} failed with E2E_SEED=${config.seed}; the end of its output:`)
    process.stdout.write(`${fleet.output().slice(-12_000)}\n`)
    throw error
  } finally {
    await fleet.dispose()
  }
}

/** Waits until all is loaded and compared by every job; then raw table, rollups and API against the ledger. */
export async function expectFleetExactlyOnce(fleet: Fleet): Promise<Verdict> {
  const asked = fleet.running('core').map(({ apiUrl }) => ({ apiUrl, sqlUrl: fleet.sqlUrl() }))
  for (const one of asked) await waitSettled(one, fleet.ledger, SETTLED_WITHIN_MS)
  const [first] = asked
  if (first === undefined) throw new Error('judge a fleet: no job runs')
  const stored = fleet.ledger.acknowledgedEvents()
  const verdict = await judge(first, fleet.ledger)
  expect(verdict.differences).toEqual([])
  expect(verdict).toMatchObject({ lost: 0, doubled: 0, stored })
  // All of them ask the same tables.
  for (const { apiUrl } of asked) expect(await getReconciliation(apiUrl, LOCAL_ORG_ID)).toMatchObject({ stored })
  return verdict
}

export function sayFigures(fleet: Fleet, verdict: Verdict, traffic: Traffic): void {
  say(`${figures(fleet, verdict)}; retries ${JSON.stringify(traffic.retries())}`)
}

/** Waits until clients got `more` answers from now on. */
export async function moreTraffic(fleet: Fleet, traffic: Traffic, more: number): Promise<void> {
  const wanted = fleet.ledger.acknowledgedCopies() + more
  await waitFor(`${wanted} acknowledged copies`, () => fleet.ledger.acknowledgedCopies() >= wanted, {
    timeoutMs: 180_000,
    abortWhen: traffic.failure,
    everyMs: 10,
  })
}

export interface LoaderState {
  readonly daysToCompare: number
  readonly partitions: readonly {
    readonly partition: number
    readonly phase: string
    readonly openIntent: boolean
    readonly loadedTo: number
  }[]
}

/** What a job says of its loader. */
export async function loaderOf({ apiUrl }: Pick<Product, 'apiUrl'>): Promise<LoaderState> {
  const answer = await fetch(`${apiUrl}/health`, { signal: AbortSignal.timeout(5_000) })
  return ((await answer.json()) as { checks: { loader: LoaderState } }).checks.loader
}

/** Waits until every job that runs loads at least one partition and all partitions are loaded by somebody. */
export async function everyJobLoads(fleet: Fleet, partitions = 4): Promise<void> {
  await waitFor(
    'the partitions to be shared by all jobs',
    async () => {
      const shares = await Promise.all(fleet.running('core').map(sharesOf))
      const all = shares.flat().sort()
      return shares.every((share) => share.length > 0) && all.join() === [...Array(partitions).keys()].join()
    },
    { timeoutMs: 240_000 },
  ).catch(async (error: unknown) => {
    const states = await Promise.allSettled(fleet.running('core').map(loaderOf))
    throw new Error(`${(error as Error).message}; the jobs say ${JSON.stringify(states)}`)
  })
}

async function sharesOf(job: Product): Promise<readonly number[]> {
  return (await loaderOf(job)).partitions.filter((p) => p.phase === 'loading').map((p) => p.partition)
}
