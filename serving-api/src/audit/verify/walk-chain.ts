/** Along the chain from one place to another, page by page, checking every link. */
import type { Queries } from '../../database/database.ts'
import { readChain } from '../audit-store.ts'
import { checkLink } from './check-link.ts'
import type { AuditFault, Place } from './fault.ts'

/** Entries read at a time. */
const PAGE = 500

export interface Walk {
  readonly last: Place
  readonly entries: number
  readonly fault: AuditFault | null
}

/** `onPlace` may find more at a place. `to`: the last number to look at; default: where the chain ends. */
export async function walkChain(
  queries: Pick<Queries, 'query'>,
  orgId: string,
  from: Place,
  to = Number.MAX_SAFE_INTEGER,
  onPlace: (place: Place) => AuditFault | null = () => null,
): Promise<Walk> {
  let last = from
  let entries = 0
  for (;;) {
    const page = await readChain(queries, orgId, last.seq, Math.min(PAGE, to - last.seq))
    for (const entry of page) {
      const fault = entry.seq > to ? null : ((await checkLink(queries, last, entry)) ?? onPlace(entry))
      if (fault !== null) return { last, entries, fault }
      last = entry
      entries += 1
    }
    if (page.length === 0 || last.seq >= to) return { last, entries, fault: null }
  }
}
