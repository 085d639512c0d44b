/** The Express application: routes, their refusals, the pages. Everything it needs is passed in. */
import { REQUEST_ERROR_CODES } from '@ecomind/schemas'
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import type { Logger } from 'pino'
import { type Asker, askerOf } from './access/asker.ts'
import type { Authenticate } from './access/authenticate.ts'
import { watchRequest } from './audit/watch-request.ts'
import type { ApiContext } from './context.ts'
import { ApiError } from './http/api-error.ts'
import { requireLocalHost } from './http/local-host.ts'
import { apiMetrics } from './http/metrics.ts'
import { readJsonBody } from './http/read-json-body.ts'
import { requestIdOf } from './http/request-id.ts'
import type { ErrorForm, Route } from './http/route.ts'
import { setSecurityHeaders } from './http/security-headers.ts'
import { sendJson, sendText } from './http/send-json.ts'
import { staticPages } from './http/static-pages.ts'
import { errorBody, translateError } from './http/translate-error.ts'
import { ROUTES } from './routes.ts'
import type { ScopeKeeper } from './scope.ts'

export interface AppParts {
  readonly context: ApiContext
  readonly keeper: ScopeKeeper
  readonly authenticate: Authenticate
  /** Proxies in front that add to X-Forwarded-For. */
  readonly proxyHops: number
  /** Browsers reach this by https. */
  readonly isSecure: boolean
  /** Folder of the built pages; null: the API only. */
  readonly uiDir: string | null
  /** Where clients send events, for the page's example; empty when it is not known. */
  readonly edgeUrl: string
}

export function createApp({ context, keeper, authenticate, proxyHops, isSecure, uiDir, edgeUrl }: AppParts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  // Our own strict reader looks at the query string; nothing else may guess at it.
  app.set('query parser', false)
  app.set('trust proxy', proxyHops)
  const metrics = apiMetrics(context.registry, () => context.live.connections)
  app.use((req, res, next) => {
    const startedMs = performance.now()
    res.locals['requestId'] = requestIdOf(req.get('x-request-id'))
    res.setHeader('X-Request-Id', requestIdText(res))
    setSecurityHeaders(res, isSecure)
    res.on('finish', () => {
      const route = String(res.locals['route'] ?? 'other')
      metrics.observe(route, req.method, res.statusCode, (performance.now() - startedMs) / 1000)
    })
    if (context.mode === 'local') requireLocalHost(req.headers.host)
    next()
  })
  for (const route of ROUTES) app[route.method](route.path, serveRoute(route, context, keeper, authenticate))
  for (const path of new Set(ROUTES.map((r) => r.path))) app.all(path, refuseMethod(path, ROUTES))
  if (uiDir !== null) app.use(staticPages(uiDir, { edgeUrl, signInNeeded: context.mode === 'production' }))
  app.use(() => {
    throw new ApiError('not_found', 'There is nothing under this address')
  })
  app.use(answerError(context.logger))
  return app
}

/** Nobody reads a body before it is known who sends it. */
function serveRoute(
  route: Route,
  context: ApiContext,
  keeper: ScopeKeeper,
  authenticate: Authenticate,
): RequestHandler {
  return async (req, res) => {
    res.locals['route'] = route.path
    res.locals['errorForm'] = route.errorForm
    const principal = await authenticate(req, route.permission === 'public')
    const jsonTypes = Object.keys(route.body ?? {}).filter((type) => /[/+]json$/.test(type))
    if (jsonTypes.length > 0) req.body = await readJsonBody(req, jsonTypes, route.bodyBytesMax)
    // What was read of a request is remembered by the request object itself.
    const again = () => authenticate(Object.create(req), route.permission === 'public')
    const asker = askerOf(principal, keeper, again)
    const serve = (watched: Asker) => route.serve(context, watched, req, res)
    if (context.audit === null) return await serve(asker)
    await watchRequest(context.audit.notes, asker, { req, res, path: route.path, nowMs: context.nowMs }, serve)
  }
}

/** Any other method on a known address; OPTIONS is told which there are. */
function refuseMethod(path: string, routes: readonly Route[]): RequestHandler {
  const methods = routes.filter((r) => r.path === path).map((r) => r.method.toUpperCase())
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS']
  return (req, res) => {
    res.locals['route'] = path
    res.locals['errorForm'] = routes.find((r) => r.path === path)?.errorForm
    if (req.method === 'OPTIONS') {
      res.setHeader('Allow', allow.join(', '))
      res.status(204).end()
      return
    }
    throw new ApiError('method_not_allowed', `${allow.join(', ')} are known here`, { allow })
  }
}

/** The only writer of error answers. */
function answerError(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, req: Request, res: Response, next) => {
    const error = translateError(thrown)
    const requestId = requestIdText(res)
    if (error.status >= REQUEST_ERROR_CODES.internal.status) {
      logger.error(
        { err: error.cause ?? error, code: error.code, requestId, route: res.locals['route'] },
        'request failed',
      )
    }
    if (res.headersSent) {
      res.destroy()
      return
    }
    if (error.retryAfterSeconds !== undefined) res.setHeader('Retry-After', String(error.retryAfterSeconds))
    if (error.status === 401) res.setHeader('WWW-Authenticate', 'Bearer realm="ecomind"')
    if (error.allow !== undefined) res.setHeader('Allow', error.allow.join(', '))
    // A body that was not read to its end can't be told from the next request.
    if (!req.complete) res.setHeader('Connection', 'close')
    sendError(req, res, error, requestId).catch(next)
  }
}

async function sendError(req: Request, res: Response, error: ApiError, requestId: string): Promise<void> {
  const form: ErrorForm | undefined = res.locals['errorForm']
  if (form === undefined) await sendJson(req, res, error.status, errorBody(error, requestId))
  else await sendText(req, res, error.status, form.mediaType, JSON.stringify(form.bodyOf(error, requestId)))
}

function requestIdText(res: Response): string {
  return String(res.locals['requestId'])
}
