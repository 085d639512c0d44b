/** `/v1/privacy`: everything that is kept of one person, and its erasure. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import {
  type ErasureAnswer,
  erasureRequestAnswer,
  erasure as erasureShape,
  erasuresAnswer,
  exportLine,
} from '@ecomind/schemas'
import type { Response } from 'express'
import { z } from 'zod'
import { doerOf } from '../audit/doer.ts'
import type { ApiContext } from '../context.ts'
import { ApiError, invalidParameter } from '../http/api-error.ts'
import { orgRoute, type Route } from '../http/route.ts'
import { readCursor, writeCursor } from '../parameters/cursor.ts'
import { cursor, limit, orgId, text } from '../parameters/shapes.ts'
import { ERASURE_MODES, type Erasure } from '../privacy/erasure.ts'
import { findErasure, listErasures } from '../privacy/erasure-store.ts'
import type { Erasures } from '../privacy/erasures.ts'
import { exportPerson } from '../privacy/export-person.ts'
import { hashPerson } from '../privacy/person-hash.ts'
import { auditExport } from '../privacy/privacy-audit.ts'

const TAG = 'Privacy'
const LIMIT_MAX = 200
const LIMIT_DEFAULT = 50
const READ_ERRORS = ['invalid_parameter', 'not_found', 'forbidden', 'database_unavailable'] as const
const BODY_ERRORS = [
  'unsupported_media_type',
  'body_too_large',
  'malformed_json',
  'overloaded',
  'query_timeout',
] as const
const userId = text(256, '1 to 256 characters are wanted').describe('`user_id` of the events, as it was sent')
const optionalOrg = z.strictObject({ org_id: orgId.optional() })
const exporting = orgRoute({
  permission: 'privacy:export',
  method: 'post',
  path: '/v1/privacy/exports',
  tag: TAG,
  summary: "One person's data",
  description: [
    'Lines of JSON: events, days, quarantined rows, and of the control store the accounts that name this `user_id` as theirs or have it as their address, with roles, groups, sessions, passkeys, keys they made and audit entries, and who read the usage of this id. The last line is the manifest; an archive without it is not whole.',
    'One export of an organisation at a time. The audit trail names the person by a salted hash.',
  ].join('\n\n'),
  query: optionalOrg,
  body: z.strictObject({ org_id: orgId.optional(), user_id: userId }),
  orgInBody: true,
  answer: exportLine,
  errors: [...READ_ERRORS, ...BODY_ERRORS, 'conflict', 'result_too_large'],
  handle: async (context, scope, { body, req, res }) => {
    if (context.exporting.has(scope.orgId))
      throw new ApiError('conflict', 'Another export of this organisation is under way')
    context.exporting.add(scope.orgId)
    try {
      const doer = doerOf(scope.access, { req, res }, context.nowMs())
      const id = `exp_${randomUUID().replaceAll('-', '').slice(0, 20)}`
      const person = hashPerson(body.user_id)
      await scope.keep((queries, org) => auditExport(queries, doer, { orgId: org, id, person }))
      const head = { id, userId: body.user_id, exportedAt: doer.at, version: context.version }
      await sendLines(res, `${id}.jsonl`, exportPerson(scope, head))
    } finally {
      context.exporting.delete(scope.orgId)
    }
  },
})

export const personExportRoute: Route = {
  ...exporting,
  answer: { mediaType: 'application/x-ndjson', shape: exportLine },
}

/** Not faster than they are taken. The head goes out with the first line, so an error before it is told as any other. */
async function sendLines(res: Response, fileName: string, lines: AsyncIterable<string>): Promise<void> {
  for await (const line of lines) {
    if (res.destroyed) return
    if (!res.headersSent) {
      res.writeHead(200, {
        'Content-Type': 'application/x-ndjson; charset=utf-8',
        'Content-Disposition': `attachment; filename="${fileName}"`,
        'Cache-Control': 'no-store',
      })
    }
    if (!res.write(line)) await Promise.race([once(res, 'drain'), once(res, 'close')])
  }
  res.end()
}

export const erasureCreateRoute = orgRoute({
  permission: 'privacy:erase',
  method: 'post',
  path: '/v1/privacy/erasures',
  tag: TAG,
  summary: 'Preview or request the erasure of one person',
  description: [
    'With `preview` true, the default, nothing is written: the answer counts the rows that would be touched.',
    '`pseudonymise` gives the rows to a new random id in events and all windows; tags go. `delete` removes the events and gives the windows to nobody (`user_id` empty). Sums of the organisation, its teams, models and all others stay the same to the last digit. Quarantined bytes that hold the id are emptied, and accounts forget that these events are theirs.',
    'What is in the log already is loaded first; events that are sent later are new ones, so stop sending before you ask. The same request again answers the same run while it is open.',
  ].join('\n\n'),
  query: optionalOrg,
  body: z.strictObject({
    org_id: orgId.optional(),
    user_id: userId,
    mode: z.enum(ERASURE_MODES),
    preview: z.boolean().default(true),
  }),
  orgInBody: true,
  answer: erasureRequestAnswer,
  errors: [...READ_ERRORS, ...BODY_ERRORS, 'conflict'],
  handle: async (context, scope, { body, req, res }) => {
    const erasures = erasuresOf(context)
    const { user_id: person, mode } = body
    if (body.preview) return { preview: await erasures.preview(scope.orgId, person), run: null }
    const doer = doerOf(scope.access, { req, res }, context.nowMs())
    const run = await erasures.request({ orgId: scope.orgId, userId: person, mode, doer })
    return { preview: run.found, run: toAnswer(run) }
  },
})

const place = z.strictObject({ at: z.number().int(), id: z.string() })

export const erasuresRoute = orgRoute({
  permission: 'privacy:erase',
  method: 'get',
  path: '/v1/privacy/erasures',
  tag: TAG,
  summary: 'The erasures of an organisation',
  description: 'Newest first. They name persons by salted hashes.',
  query: z.strictObject({ org_id: orgId.optional(), limit: limit(LIMIT_MAX, LIMIT_DEFAULT), cursor }),
  answer: erasuresAnswer,
  errors: [...READ_ERRORS],
  handle: async (_context, scope, { query }) => {
    const most = query.limit ?? LIMIT_DEFAULT
    const after = query.cursor === undefined ? undefined : readCursor('erasures', scope.orgId, place, query.cursor)
    const before = after === undefined ? undefined : { at: new Date(after.at), id: after.id }
    if (before !== undefined && Number.isNaN(before.at.getTime()))
      throw invalidParameter('cursor', 'is not of this list')
    const found = await scope.keep((queries, org) => listErasures(queries, org, { before, limit: most + 1 }))
    const page = found.slice(0, most)
    const last = page.at(-1)
    const more = found.length > most && last !== undefined
    return {
      items: page.map(toAnswer),
      ...(more
        ? { next_cursor: writeCursor('erasures', scope.orgId, { at: last.requestedAt.getTime(), id: last.id }) }
        : {}),
    }
  },
})

export const erasureRoute = orgRoute({
  permission: 'privacy:erase',
  method: 'get',
  path: '/v1/privacy/erasures/:id',
  tag: TAG,
  summary: 'One erasure and its certificate',
  description: 'The certificate is there when the state is `done`.',
  query: optionalOrg,
  pathParameters: z.object({ id: z.string().describe('id of the erasure') }),
  answer: erasureShape,
  errors: [...READ_ERRORS],
  handle: async (_context, scope, { path }) => {
    const found = await scope.keep((queries, org) => findErasure(queries, org, path.id))
    if (found === undefined) throw new ApiError('not_found', 'There is no such erasure')
    return toAnswer(found)
  },
})

function erasuresOf({ erasures }: ApiContext): Erasures {
  if (erasures !== null) return erasures
  throw new ApiError('conflict', 'This process does not erase')
}

function toAnswer(e: Erasure): ErasureAnswer {
  return {
    id: e.id,
    org_id: e.orgId,
    mode: e.mode,
    state: e.state,
    person: { salt: e.salt, sha256: e.userHash },
    requested_by: e.requestedBy,
    requested_at: e.requestedAt.toISOString(),
    finished_at: e.finishedAt?.toISOString() ?? null,
    found: e.found,
    error: e.error,
    certificate:
      e.certificate === null
        ? null
        : {
            ...e.certificate,
            totals: { ...e.certificate.totals },
            verification: [...e.certificate.verification],
            remains: [...e.certificate.remains],
          },
  }
}
