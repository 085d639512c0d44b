/** Removes the rows of one generation from every rollup, as if it had never been. Can be repeated. */
import { type ClickHouse, ROLLUPS } from '@ecomind/clickhouse'
import { monthOf } from './plan-chunks.ts'
import type { Run } from './run.ts'

/** Only the newest generation may go: later ones reversed what it said. @throws ClickHouseError */
export async function removeGeneration(ch: ClickHouse, run: Run): Promise<void> {
  const months = [...new Set(run.chunks.map((chunk) => monthOf(chunk.fromMs)))]
  for (const rollup of ROLLUPS) {
    for (const month of months) {
      await ch.command({
        text: `ALTER TABLE ecomind.${rollup} DELETE IN PARTITION ${month}
          WHERE org_id = {org_id:String} AND generation = {generation:UInt32} SETTINGS mutations_sync = 2`,
        params: { org_id: run.orgId, generation: run.generation },
      })
    }
  }
}
