/** Removes the rows of one generation from every rollup, as if it had never been. Can be repeated. */
import { type ClickHouse, ROLLUPS, type WhileLoadingPaused } from '@ecomind/clickhouse'
import { monthOf } from './plan-chunks.ts'
import type { Run } from './run.ts'

/**
 * Only the newest generation may go: later ones reversed what it said. Rollups must not be rebuilt meanwhile, which
 * would bring the rows back. @throws ClickHouseError
 */
export async function removeGeneration(
  ch: ClickHouse,
  whileLoadingPaused: WhileLoadingPaused,
  run: Run,
): Promise<void> {
  const months = [...new Set(run.chunks.map((chunk) => monthOf(chunk.fromMs)))]
  for (const rollup of ROLLUPS) {
    for (const month of months) {
      const statement = {
        text: `ALTER TABLE ecomind.${rollup} DELETE IN PARTITION ${month}
          WHERE org_id = {org_id:String} AND generation = {generation:UInt32} SETTINGS mutations_sync = 2`,
        params: { org_id: run.orgId, generation: run.generation },
      }
      await whileLoadingPaused(async () => await ch.command(statement))
    }
  }
}
