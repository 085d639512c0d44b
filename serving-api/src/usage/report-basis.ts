/** What every report of usage stands on besides its rows, read at the time of the request. */
import type { ApiContext } from '../context.ts'
import type { ReportBasis } from './usage-report.ts'

export async function reportBasis(
  context: Pick<ApiContext, 'watermarkMs' | 'latenessMs' | 'factors'>,
): Promise<ReportBasis> {
  return {
    // Read before the rows: a window must not be called final by a mark that is younger than its sums.
    watermarkMs: await context.watermarkMs(),
    latenessMs: context.latenessMs,
    kinshipsOf: (rows) => context.factors.kinshipsOf(rows),
  }
}
