/** `GET /v1/audits/export`: the trail as a file, oldest first, page by page as fast as the client takes it. */
import { once } from 'node:events'
import type { Response } from 'express'
import { z } from 'zod'
import { doerOf } from '../audit/doer.ts'
import { EXPORT_FORMATS, EXPORT_TYPES, type ExportFormat, exportHead, exportText } from '../audit/export-entries.ts'
import { type EntryFilters, listEntries } from '../audit/list-entries.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { readQueryString } from '../http/query-string.ts'
import { orgOf, type Route } from '../http/route.ts'
import { auditFilters, filtersOf } from '../parameters/audit-filters.ts'
import { readParameters } from '../parameters/read-parameters.ts'
import { orgId } from '../parameters/shapes.ts'
import type { OrgScope } from '../scope.ts'
import { readingOf } from './audits.ts'

const PAGE = 500

const query = z.strictObject({
  org_id: orgId,
  ...auditFilters,
  format: z
    .enum(EXPORT_FORMATS, { message: `one of ${EXPORT_FORMATS.join(', ')} is wanted` })
    .optional()
    .describe('`jsonl` (default), which can be verified, or `csv`'),
})

export const auditExportRoute: Route = {
  permission: 'audits:read',
  method: 'get',
  path: '/v1/audits/export',
  tag: 'Audit',
  summary: 'The audit trail as a file',
  description:
    'Oldest first, all that the filters leave. JSON lines hold the fields of `/v1/audits`; CSV (RFC 4180) has `before` and `after` as JSON, and an apostrophe before cells that a spreadsheet would take for a formula. The export itself becomes an entry before the first byte is sent. An answer that is cut off ends without its closing chunk.',
  query,
  pathParameters: z.object({}),
  body: null,
  answer: { mediaType: 'application/x-ndjson', shape: z.string(), otherMediaTypes: ['text/csv'] },
  errors: ['unauthorized', 'forbidden', 'not_found', 'database_unavailable', 'invalid_parameter'],
  serve: async (context, asker, req, res) => {
    const values = readQueryString(req.url)
    const scope = await asker.scopeFor(orgOf(values, undefined, asker), 'audits:read')
    const asked = readParameters(query, values)
    const filters = filtersOf(asked, scope.tz)
    const format = asked.format ?? 'jsonl'
    const doer = doerOf(scope.access, { req, res }, context.nowMs())
    if (req.method !== 'HEAD') {
      await scope.keep((queries, id) =>
        recordAudit(queries, doer, {
          orgId: id,
          action: 'export',
          resourceType: 'audit',
          resourceId: id,
          before: null,
          after: { format, filters },
        }),
      )
    }
    res.writeHead(200, {
      'Content-Type': EXPORT_TYPES[format],
      'Content-Disposition': `attachment; filename="audit-${scope.orgId.replaceAll(/[^A-Za-z0-9_.-]/g, '_')}.${format}"`,
      'Cache-Control': 'no-store',
    })
    if (req.method !== 'HEAD') await sendEntries(res, scope, filters, format)
    res.end()
  },
}

async function sendEntries(res: Response, scope: OrgScope, filters: EntryFilters, format: ExportFormat): Promise<void> {
  await send(res, exportHead(format))
  let place = 0
  while (!res.destroyed) {
    const page = await listEntries(readingOf(scope), scope.orgId, filters, {
      order: 'oldest first',
      place,
      limit: PAGE,
    })
    await send(res, exportText(format, page))
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
    place = last.seq
  }
}

/** Waits for a client that reads slowly; returns as well when it is gone. */
async function send(res: Response, text: string): Promise<void> {
  if (text === '' || res.destroyed || res.write(text)) return
  const gone = new AbortController()
  const stop = () => gone.abort()
  res.once('close', stop)
  await once(res, 'drain', { signal: gone.signal }).catch(() => undefined)
  res.off('close', stop)
}
