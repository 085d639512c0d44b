/**
 * The archive of one person's data: a line of JSON for each row, of usage events, days, quarantine and the control store,
 * and in the end a manifest with the number of lines by table and a checksum. An archive without it is not whole.
 */
import { createHash } from 'node:crypto'
import { avroString } from '@ecomind/clickhouse'
import { ApiError } from '../http/api-error.ts'
import { type PersonPlace, personDays, personEvents, personQuarantine } from '../questions/person.ts'
import type { OrgScope } from '../scope.ts'
import { type AccountRow, accountRows, findAccounts, readsOfPerson } from './accounts-of-person.ts'

export interface ExportHead {
  readonly id: string
  readonly userId: string
  readonly exportedAt: Date
  readonly version: string
}

/** Rows of days, of quarantine and of the control store; more are refused before anything is sent. */
const ROWS_MAX = 500_000
const PAGE_ROWS = 5_000

/** Lines with their line ends. @throws ApiError, ClickHouseError; before the first line where a limit is passed */
export async function* exportPerson(scope: OrgScope, head: ExportHead): AsyncGenerator<string> {
  const hash = createHash('sha256')
  const counts: Record<string, number> = {}
  for await (const { table, row } of rowsOf(scope, head.userId)) {
    const line = `${JSON.stringify({ table, row })}\n`
    hash.update(line)
    counts[table] = (counts[table] ?? 0) + 1
    yield line
  }
  const manifest = {
    id: head.id,
    org_id: scope.orgId,
    user_id: head.userId,
    exported_at: head.exportedAt.toISOString(),
    version: head.version,
    rows: counts,
    sha256: hash.digest('hex'),
  }
  yield `${JSON.stringify({ manifest })}\n`
}

const tooMany = (): ApiError =>
  new ApiError('result_too_large', `The control store holds more than ${ROWS_MAX} rows about this person`)

async function* rowsOf(scope: OrgScope, userId: string): AsyncGenerator<AccountRow> {
  const days = await scope.ask(personDays(userId, ROWS_MAX))
  const quarantine = await scope.ask(personQuarantine(avroString(userId).toString('hex'), ROWS_MAX))
  const accounts = await scope.keep(async (queries, orgId) => {
    const all: AccountRow[] = []
    for (const id of await findAccounts(queries, orgId, userId)) {
      for await (const row of accountRows(queries, orgId, id)) if (all.push(row) > ROWS_MAX) throw tooMany()
    }
    for await (const row of readsOfPerson(queries, orgId, userId)) if (all.push(row) > ROWS_MAX) throw tooMany()
    return all
  })
  yield* accounts
  for (const row of days) yield { table: 'usage_1d', row }
  for (const row of quarantine) yield { table: 'quarantine', row }
  let after: PersonPlace | undefined
  for (;;) {
    const page = await scope.ask(personEvents(userId, after, PAGE_ROWS))
    for (const row of page) yield { table: 'usage_events', row }
    after = page.at(-1)
    if (page.length < PAGE_ROWS) return
  }
}
