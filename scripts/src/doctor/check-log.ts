/** The embedded log: there, readable, with the partitions that the settings name, and how full it is. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openLog } from '@ecomind/event-log'
import { type Finding, ok, warning } from './finding.ts'

const NAME = 'embedded log'
/** From this share on an outage of the loader soon makes the edge refuse. */
const FULL_SHARE = 0.8

export interface LogQuestion {
  readonly dir: string
  readonly partitions: number
  readonly maxBytes: number
}

/** Opens it beside a running edge and core, which the log allows. @throws LogUnavailableError in words for an operator */
export async function logFinding({ dir, partitions, maxBytes }: LogQuestion): Promise<Finding> {
  if (!existsSync(join(dir, 'data.mdb'))) {
    return ok(NAME, `made at the first start, with ${partitions} partitions (ECOMIND_LOG_PARTITIONS)`)
  }
  const log = await openLog({ kind: 'embedded', dir, partitions, maxBytes })
  try {
    const bytes = (await log.stats()).reduce((sum, partition) => sum + partition.bytes, 0)
    const said = `${log.partitions} partitions, ${mib(bytes)} of ${mib(maxBytes)} MiB`
    if (bytes < maxBytes * FULL_SHARE) return ok(NAME, said)
    return warning(
      NAME,
      said,
      'look at the lag of the loader in /health of the API (docs/runbooks.md, "Numbers come late")',
    )
  } finally {
    await log.close()
  }
}

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
