/** Bodies of POST requests: JSON, bounded, in time. A wrong type is refused first, so that forms of other sites cannot post. */
import type { Request } from 'express'
import { ApiError, invalidParameter } from './api-error.ts'

const BODY_BYTES_MAX = 262_144
const PLACE_CHARACTERS_MAX = 200

/**
 * @param types media types of JSON that are taken
 * @param bytesMax default 256 KiB
 * @throws ApiError unsupported_media_type, unsupported_encoding, body_too_large, invalid_utf8, malformed_json, no body,
 *   invalid_parameter for a NUL in a text
 */
export async function readJsonBody(
  req: Request,
  types: readonly string[],
  bytesMax = BODY_BYTES_MAX,
): Promise<unknown> {
  const type = (req.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
  if (!types.includes(type ?? ''))
    throw new ApiError('unsupported_media_type', `content-type: ${types.join(' or ')} is wanted`)
  const encoding = req.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new ApiError('unsupported_encoding', 'content-encoding: none is wanted here')
  }
  const bytes = await readBytes(req, bytesMax)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ApiError('invalid_utf8', 'The body is not valid UTF-8')
  }
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new ApiError('malformed_json', 'The body is not JSON')
  }
  // Only escaped can one stand in JSON.
  const place = text.includes('\\u0000') ? placeOfNul(body) : null
  if (place !== null)
    throw invalidParameter(
      place.slice(0, PLACE_CHARACTERS_MAX),
      'holds a control character (NUL), which no store takes',
    )
  return body
}

/** Path of a text or name that holds a NUL; null: none does. Bodies may be nested more deeply than calls. */
function placeOfNul(body: unknown): string | null {
  const open: { readonly value: unknown; readonly path: string }[] = [{ value: body, path: '' }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next
    if (typeof value === 'string' && value.includes('\0')) return path
    if (typeof value !== 'object' || value === null) continue
    for (const [key, item] of Object.entries(value)) {
      const inside = path === '' ? key : `${path}.${key}`
      if (key.includes('\0')) return inside.replaceAll('\0', '\\u0000')
      open.push({ value: item, path: inside })
    }
  }
  return null
}

/** @throws ApiError body_too_large */
export async function readBytes(req: Request, bytesMax = BODY_BYTES_MAX): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax) {
      throw new ApiError('body_too_large', `The body is larger than ${bytesMax} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
