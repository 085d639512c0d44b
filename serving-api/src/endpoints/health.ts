/** `GET /health`: every part this process depends on; 503 when one of them is down. */
import { type Health, health } from '@ecomind/schemas'
import { z } from 'zod'
import type { ApiContext, HealthCheck } from '../context.ts'
import type { Route } from '../http/route.ts'
import { sendJson } from '../http/send-json.ts'

/** A part that says nothing for this long is down. */
const CHECK_TIMEOUT_MS = 3000

export const healthRoute: Route = {
  method: 'get',
  path: '/health',
  tag: 'Operation',
  summary: 'State of every part',
  description: 'Status 200 when all parts are `ok` or `degraded`, 503 when one is `down`. Takes any parameters.',
  query: z.object({}),
  pathParameters: z.object({}),
  body: null,
  answer: { mediaType: 'application/json', shape: health },
  errors: [],
  permission: 'public',
  serve: async (context, _asker, req, res) => {
    const answer = await checkHealth(context)
    await sendJson(req, res, answer.status === 'down' ? 503 : 200, answer)
  },
}

export async function checkHealth(context: ApiContext): Promise<Health> {
  const entries = await Promise.all(
    Object.entries(context.healthChecks).map(
      async ([name, check]) => [name, await runCheck(name, check, context)] as const,
    ),
  )
  const states = entries.map(([, c]) => c.status)
  const status = states.includes('down') ? 'down' : states.includes('degraded') ? 'degraded' : 'ok'
  return { status, mode: context.mode, version: context.version, checks: Object.fromEntries(entries) }
}

async function runCheck(name: string, check: () => Promise<HealthCheck>, { logger }: ApiContext): Promise<HealthCheck> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<HealthCheck>((resolve) => {
    timer = setTimeout(resolve, CHECK_TIMEOUT_MS, { status: 'down', detail: `no answer within ${CHECK_TIMEOUT_MS} ms` })
  })
  try {
    return await Promise.race([check(), late])
  } catch (error) {
    // Texts of the database may hold paths and settings; they go to the log only.
    logger.warn({ err: error, check: name }, 'a part is down')
    return { status: 'down', detail: 'does not answer; the reason is in the log' }
  } finally {
    clearTimeout(timer)
  }
}
