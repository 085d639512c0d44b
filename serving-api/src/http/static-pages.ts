/**
 * The built pages. Files come from one folder and nothing above it (`send` refuses dot segments, NUL and dot files);
 * addresses of pages, which are not files, get the page's entry so that links into the page work.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import express, { type RequestHandler, type Router } from 'express'
import { ApiError } from './api-error.ts'

/** Names that the build gives a content hash; they never change. */
const HASHED = /[-.][A-Za-z0-9_-]{8,}\.(?:js|css|woff2?|svg|png|map)$/
const ONE_YEAR = 'public, max-age=31536000, immutable'
/** A page address: words and dashes, no dot, so that a missing file is never answered with a page. */
const PAGE_PATH = /^\/(?:[A-Za-z0-9_-]+\/?)*$/

/** The page shows a command that sends a first event; only the server knows where the edge listens. */
const EDGE_URL_SLOT = '<meta name="ecomind-edge-url" content=""'
/** In local mode nobody signs in, and the page asks for no sign of anyone. */
const SIGN_IN_SLOT = '<meta name="ecomind-sign-in" content=""'

export interface PageFacts {
  /** Empty when it is not known. */
  readonly edgeUrl: string
  readonly signInNeeded: boolean
}

export function staticPages(uiDir: string, { edgeUrl, signInNeeded }: PageFacts): Router {
  const router = express.Router()
  // The file itself has an empty slot; it is the page under its own name.
  router.get('/index.html', (_req, res) => res.redirect(301, '/'))
  const entry = join(uiDir, 'index.html')
  router.use(
    express.static(uiDir, {
      index: false,
      redirect: false,
      dotfiles: 'ignore',
      setHeaders: (res, path) => res.setHeader('Cache-Control', HASHED.test(path) ? ONE_YEAR : 'no-cache'),
    }),
  )
  const edgeSlot = fill(EDGE_URL_SLOT, edgeUrl)
  const signInSlot = fill(SIGN_IN_SLOT, signInNeeded ? 'yes' : '')
  const sendEntry: RequestHandler = async (req, res, next) => {
    const isPage = (req.method === 'GET' || req.method === 'HEAD') && PAGE_PATH.test(req.path)
    if (!isPage || isApiPath(req.path)) return next()
    const html = await readFile(entry, 'utf8').catch(() => null)
    if (html === null) return next(new ApiError('not_found', 'The pages are not built; the API is at /docs'))
    res.setHeader('Cache-Control', 'no-cache')
    res.type('html').send(html.replace(EDGE_URL_SLOT, () => edgeSlot).replace(SIGN_IN_SLOT, signInSlot))
  }
  router.use(sendEntry)
  return router
}

const fill = (slot: string, text: string): string =>
  slot.replace('content=""', () => `content="${escapeAttribute(text)}"`)

function escapeAttribute(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;')
}

function isApiPath(path: string): boolean {
  return /^\/v1(?:\/|$)/i.test(path)
}
