/** Sends JSON: never cached, compressed when the client takes gzip and it pays. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Request, Response } from 'express'

const gzipAsync = promisify(gzip)
/** Below this the header costs more than is won. */
const GZIP_BYTES_MIN = 1400
/** Fast; JSON of numbers shrinks to a sixth even so. */
const GZIP_LEVEL = 2

export async function sendJson(req: Request, res: Response, status: number, body: unknown): Promise<void> {
  await sendText(req, res, status, 'application/json; charset=utf-8', JSON.stringify(body))
}

export async function sendText(req: Request, res: Response, status: number, type: string, text: string): Promise<void> {
  if (res.headersSent || res.destroyed) return
  let bytes: Buffer = Buffer.from(text, 'utf8')
  res.setHeader('Content-Type', type)
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('Vary', 'Accept-Encoding')
  if (bytes.length >= GZIP_BYTES_MIN && req.acceptsEncodings('gzip') === 'gzip') {
    bytes = await gzipAsync(bytes, { level: GZIP_LEVEL })
    res.setHeader('Content-Encoding', 'gzip')
  }
  res.setHeader('Content-Length', bytes.length)
  res.statusCode = status
  res.end(req.method === 'HEAD' ? undefined : bytes)
}
