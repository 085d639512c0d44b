/** A SQL port of local mode over a store with rows of two organisations, `org_demo` being its own, for tests. */
import { type AnalystDesk, type DeskOptions, openAnalystDesk } from '../analyst-desk.ts'
import type { AnalystLimits } from '../analyst-settings.ts'
import { openAnalystSql } from '../analyst-sql.ts'
import type { ClickHouse } from '../clickhouse.ts'
import { insertUsageRows } from '../insert-usage-rows.ts'
import { openSqlPort, type SqlPort, type SqlPortOptions } from '../sql-port.ts'
import { sampleRows } from './sample-rows.ts'
import { migratedClickHouse, type TempClickHouse } from './temp-clickhouse.ts'

export interface PortWorld {
  readonly temp: TempClickHouse
  readonly ch: ClickHouse
  readonly desk: AnalystDesk
  readonly port: SqlPort
  /** Rows of the port's organisation in `usage_events`. */
  readonly ownRows: number
  url(query?: Record<string, string>): string
  ask(text: string, query?: Record<string, string>): Promise<PortAnswer>
  close(): Promise<void>
}

export interface PortAnswer {
  readonly status: number
  readonly text: string
  readonly headers: Headers
}

export interface PortWorldOptions extends Partial<Omit<DeskOptions, 'sql'>> {
  readonly limits?: AnalystLimits
  readonly port?: Partial<SqlPortOptions>
}

export async function openPortWorld({ limits, port: more, ...desking }: PortWorldOptions = {}): Promise<PortWorld> {
  const { temp, ch } = await migratedClickHouse()
  const rows = sampleRows({ seed: 5, count: 500, firstOffset: 0, aroundMs: Date.UTC(2026, 9, 1), spreadMs: 1e8 })
  await insertUsageRows(ch, rows, 'a')
  const desk = openAnalystDesk({ ...desking, sql: await openAnalystSql(temp.target, limits) })
  const port = await openSqlPort({ desk, access: { kind: 'local', orgId: 'org_demo' }, port: 0, ...more })
  const url = (query: Record<string, string> = {}): string =>
    `http://127.0.0.1:${port.port}/?${new URLSearchParams(query)}`
  return {
    temp,
    ch,
    desk,
    port,
    ownRows: rows.filter((row) => row.org_id === 'org_demo').length,
    url,
    async ask(text, query = {}) {
      const answer = await fetch(url(query), { method: 'POST', body: text })
      return { status: answer.status, text: await answer.text(), headers: answer.headers }
    },
    async close() {
      await port.close()
      await desk.close()
      await temp.remove()
    },
  }
}
