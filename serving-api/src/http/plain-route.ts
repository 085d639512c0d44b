/** A GET route without parameters of its own that sends text; whatever query string comes is not looked at. */
import { z } from 'zod'
import type { ApiContext } from '../context.ts'
import type { Route } from './route.ts'
import { sendText } from './send-json.ts'

export interface PlainRouteSpec {
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description: string
  readonly mediaType: string
  readonly shape: z.ZodType
  /** The text and its content type. */
  readonly answer: (context: ApiContext) => Promise<{ readonly type: string; readonly text: string }>
}

const none = z.object({})

export function plainRoute({ path, tag, summary, description, mediaType, shape, answer }: PlainRouteSpec): Route {
  return {
    method: 'get',
    path,
    tag,
    summary,
    description,
    query: none,
    pathParameters: none,
    body: null,
    answer: { mediaType, shape },
    errors: [],
    permission: 'public',
    serve: async (context, _asker, req, res) => {
      const { type, text } = await answer(context)
      await sendText(req, res, 200, type, text)
    },
  }
}
