/** `POST /v1/sql`: an analyst's statement over the documented tables of one organisation; and what was asked lately. */
import { z } from 'zod'
import type { Asker } from '../access/asker.ts'
import type { ApiContext } from '../context.ts'
import { readQueryString } from '../http/query-string.ts'
import { orgOf, orgRoute, type Route } from '../http/route.ts'
import { check, readParameters } from '../parameters/read-parameters.ts'
import { orgId } from '../parameters/shapes.ts'
import { runSql } from '../sql/run-sql.ts'
import { OTHER_MEDIA_TYPES, sqlAnswer, sqlBody, sqlQueriesAnswer } from '../sql/sql-body.ts'

const query = z.strictObject({ org_id: orgId.optional() })

export const sqlRoute: Route = {
  method: 'post',
  path: '/v1/sql',
  permission: 'sql:run',
  tag: 'SQL',
  summary: 'A statement in SQL',
  description: [
    'One SELECT, SHOW or DESCRIBE in the SQL of ClickHouse over the tables of docs/sql.md: the rows of one organisation and nothing else. Placeholders `{name:Type}` take their values from `params`.',
    '`format`: `JSON` (default) as described here, `CSV` with a line of names, `Parquet`, or `Arrow` (a file of Apache Arrow). 64-bit and decimal numbers are texts in JSON.',
    'Limits of a statement: 30 s, 1 GiB of memory, 1,000,000 rows or 64 MiB of answer; two at a time for an organisation, a few more wait. Whoever goes away has the statement stopped.',
    '`statistics` speak of the answer: how much was read to make it is not told.',
  ].join('\n\n'),
  query,
  pathParameters: z.object({}),
  body: { 'application/json': { schema: sqlBody } },
  answer: { mediaType: 'application/json', shape: sqlAnswer, otherMediaTypes: OTHER_MEDIA_TYPES },
  errors: [
    'invalid_parameter',
    'not_found',
    'query_refused',
    'query_timeout',
    'result_too_large',
    'overloaded',
    'database_unavailable',
    'unsupported_media_type',
    'body_too_large',
    'malformed_json',
  ],
  serve: async (context: ApiContext, asker: Asker, req, res) => {
    const values = readQueryString(req.url)
    const scope = await asker.scopeFor(orgOf(values, req.body, asker), 'sql:run')
    readParameters(query, values)
    const body = check(sqlBody, req.body)
    const gone = new AbortController()
    res.once('close', () => gone.abort())
    const queryId = String(res.locals['requestId'])
    const { mediaType, bytes } = await runSql(context.analysts, scope, body, { queryId, gone: gone.signal })
    res.setHeader('Content-Type', mediaType)
    res.setHeader('Cache-Control', 'no-store')
    res.setHeader('Content-Length', bytes.byteLength)
    res.end(bytes)
  },
}

export const sqlQueriesRoute = orgRoute({
  method: 'get',
  path: '/v1/sql/queries',
  permission: 'sql:run',
  tag: 'SQL',
  summary: 'Statements of late',
  description:
    'The last 100 statements of the organisation that this process ran, by the SQL port and by `POST /v1/sql`, newest first. They are kept in memory only.',
  query,
  answer: sqlQueriesAnswer,
  errors: ['invalid_parameter', 'not_found'],
  handle: async (context, scope) => ({
    items: (context.analysts?.statements(scope.orgId) ?? []).map((entry) => ({
      query_id: entry.queryId,
      key_id: entry.keyId,
      query: entry.text,
      started_at: new Date(entry.startedMs).toISOString(),
      elapsed_ms: Math.round(entry.elapsedMs),
      error_code: entry.errorCode,
      rows: entry.rows,
      bytes: entry.bytes,
    })),
  }),
})
