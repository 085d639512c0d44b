/** Bodies that an HTML form posts: small, text, each field once. */
import type { Request } from 'express'
import { ApiError } from './api-error.ts'
import { readBytes } from './read-json-body.ts'

/** @throws ApiError unsupported_media_type, body_too_large, invalid_parameter */
export async function readFormBody(req: Request): Promise<Readonly<Record<string, string>>> {
  const type = (req.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded')
    throw new ApiError('unsupported_media_type', 'content-type: application/x-www-form-urlencoded is wanted')
  const fields = new URLSearchParams((await readBytes(req)).toString('latin1'))
  const names = [...fields.keys()]
  if (new Set(names).size < names.length) throw new ApiError('invalid_parameter', 'A field stands more than once')
  return Object.fromEntries(fields)
}
