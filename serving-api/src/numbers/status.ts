/** Provisional, final or revised: contract section 5, guarantee 3. */
import type { WindowStatus } from '@ecomind/schemas'

export interface StatusInput {
  readonly windowEndMs: number
  /** Null: nothing was ever loaded. */
  readonly watermarkMs: number | null
  /** Highest watermark at which an event of this row was loaded; null without events. */
  readonly loadedAtWatermarkMs: number | null
  readonly latenessMs: number
}

export function statusOf({ windowEndMs, watermarkMs, loadedAtWatermarkMs, latenessMs }: StatusInput): WindowStatus {
  const finalFromMs = windowEndMs + latenessMs
  if (watermarkMs === null || watermarkMs < finalFromMs) return 'provisional'
  return loadedAtWatermarkMs !== null && loadedAtWatermarkMs >= finalFromMs ? 'revised' : 'final'
}
