/** Energy of one picture: of the servers, over the models and settings that were measured. */
import { admit } from './admit.ts'
import { itWh, publishedWh } from './boundary.ts'
import type { Span } from './energy-line.ts'
import type { EvidenceRow } from './evidence.ts'

/** Central: geometric mean of the models; ends: the most frugal and the hungriest setting, with the ends of k. */
export function imageSpan(rows: readonly EvidenceRow[], k: Span): Span {
  const pictures = rows.filter((r) => admit(r).use === 'image')
  const models = new Map<string, number>()
  for (const r of pictures) if ((r.gpus ?? 1) < 8) models.set(r.name, itWh(r, k.central))
  const logs = [...models.values()].map(Math.log)
  const wh = pictures.map(publishedWh)
  return {
    low: Math.min(...wh) * k.low,
    central: Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length),
    high: Math.max(...wh) * k.high,
  }
}
