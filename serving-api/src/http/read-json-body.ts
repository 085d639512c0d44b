/** Bodies of POST requests: JSON, bounded, in time. A wrong type is refused first, so that forms of other sites cannot post. */
import type { Request } from 'express'
import { ApiError } from './api-error.ts'

const BODY_BYTES_MAX = 262_144

/**
 * @param types media types of JSON that are taken
 * @param bytesMax default 256 KiB
 * @throws ApiError unsupported_media_type, unsupported_encoding, body_too_large, invalid_utf8, malformed_json, no body
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
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError('malformed_json', 'The body is not JSON')
  }
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
