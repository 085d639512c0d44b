/** Cursors: where the next page starts, in a form that clients only hand back. They hold nothing secret. */
import { z } from 'zod'
import { ApiError, invalidParameter } from '../http/api-error.ts'

const envelope = z.strictObject({ v: z.literal(1), list: z.string(), org: z.string(), at: z.unknown() })

export function writeCursor(list: string, orgId: string, at: unknown): string {
  return Buffer.from(JSON.stringify({ v: 1, list, org: orgId, at }), 'utf8').toString('base64url')
}

/**
 * The place a cursor stands for, in the shape the list wants.
 * @throws ApiError invalid_parameter for anything that is no cursor of this list, not_found for one of another organisation
 */
export function readCursor<Shape extends z.ZodType>(
  list: string,
  orgId: string,
  at: Shape,
  text: string,
): z.output<Shape> {
  const opened = envelope.safeParse(openJson(text))
  if (!opened.success || opened.data.list !== list) throw notOurs()
  if (opened.data.org !== orgId) throw new ApiError('not_found', 'There is no such cursor', { field: 'cursor' })
  const place = at.safeParse(opened.data.at)
  if (!place.success) throw notOurs()
  return place.data
}

function notOurs(): ApiError {
  return invalidParameter('cursor', 'a cursor as an earlier answer of this list gave it is wanted')
}

function openJson(text: string): unknown {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return null
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    return null
  }
}
