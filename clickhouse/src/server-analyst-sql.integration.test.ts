/** What a server is asked for an analyst: by a server that is scripted, since no real one was at hand. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { AnalystSql } from './analyst-sql.ts'
import type { ClickHouse } from './clickhouse.ts'
import { openServerAnalystSql } from './server-analyst-sql.ts'

interface Heard {
  readonly text: string
  readonly query: URLSearchParams
  readonly format: string
}

const CATALOG: Pick<ClickHouse, 'query'> = {
  query: async <Row>() => [{ name: 'count', family: '', alias_to: '', is_aggregate: 1, case_insensitive: 1 }] as Row[],
}
const TREE = [
  'SelectWithUnionQuery (children 1)',
  ' ExpressionList (children 1)',
  '  SelectQuery (children 2)',
  '   ExpressionList (children 1)',
  '    Function count (children 1)',
  '     ExpressionList',
  '   TablesInSelectQuery (children 1)',
  '    TablesInSelectQueryElement (children 1)',
  '     TableExpression (children 1)',
  '      TableIdentifier ecomind_org_org_5fa.usage_1d',
].join('\n')

let server: Server
let sql: AnalystSql
const heard: Heard[] = []

async function serve(answers: (text: string) => { readonly status: number; readonly body: string }): Promise<void> {
  heard.length = 0
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    request.on('end', () => {
      const query = new URL(request.url ?? '/', 'http://localhost').searchParams
      heard.push({ text, query, format: String(request.headers['x-clickhouse-format']) })
      const { status, body } = answers(text)
      response.writeHead(status, { 'x-clickhouse-summary': JSON.stringify({ read_rows: '999', result_rows: '1' }) })
      response.end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  sql = openServerAnalystSql({ kind: 'http', url }, CATALOG as ClickHouse)
}

afterEach(async () => {
  await sql.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const ok = (text: string) => {
  if (text.includes('formatQuerySingleLine')) return { status: 200, body: 'SELECT count() FROM ecomind.usage_1d\n' }
  return { status: 200, body: text.startsWith('EXPLAIN') ? TREE : '7\n' }
}
const ask = () => sql.run({ text: 'select count() from ecomind.usage_1d', defaultFormat: 'CSV' }, { orgIds: ['org_a'] })

describe('openServerAnalystSql', () => {
  test('asks the views of the organisation, in its role, under the limits', async () => {
    await serve(ok)
    const answer = await ask()
    expect(Buffer.from(answer.bytes).toString()).toBe('7\n')
    expect(answer.rows).toBe(1)
    expect(heard.at(-1)).toMatchObject({ text: 'SELECT count() FROM ecomind_org_org_5fa.usage_1d', format: 'CSV' })
    for (const { query } of heard) {
      expect(query.get('role')).toBe('ecomind_role_org_5fa')
      expect(query.get('database')).toBe('ecomind_org_org_5fa')
      expect(query.get('max_execution_time')).toBe('30')
      expect(query.get('output_format_write_statistics')).toBe('0')
    }
  })

  test('what the allow-list refuses is never run', async () => {
    await serve((text) =>
      text.startsWith('EXPLAIN') ? { status: 200, body: TREE.replace('usage_1d', 'other') } : ok(text),
    )
    await expect(ask()).rejects.toMatchObject({ code: 497 })
    expect(heard.map(({ text }) => text.slice(0, 7))).toEqual(['SELECT ', 'EXPLAIN'])
  })

  test('a failure over rows keeps its code and loses its text', async () => {
    await serve((text) =>
      text.startsWith('SELECT count() FROM ecomind_org')
        ? { status: 500, body: "Code: 6. DB::Exception: Cannot parse string 'secret' as UInt8. (CANNOT_PARSE_TEXT)" }
        : ok(text),
    )
    await expect(ask()).rejects.toMatchObject({ code: 6, message: 'the statement failed while it ran' })
  })

  test('an organisation without an account is told what to do', async () => {
    await serve(() => ({ status: 404, body: 'Code: 511. DB::Exception: There is no role. (UNKNOWN_ROLE)' }))
    await expect(ask()).rejects.toMatchObject({ code: 511, message: expect.stringContaining('npm run analysts') })
  })

  test('a server that is not there is not the analyst', async () => {
    await serve(ok)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await expect(ask()).rejects.toMatchObject({ code: 210 })
  })
})
