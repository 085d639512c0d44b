/** `GET /metrics`: Prometheus, of the whole process. */
import { z } from 'zod'
import { plainRoute } from '../http/plain-route.ts'

export const metricsRoute = plainRoute({
  path: '/metrics',
  tag: 'Operation',
  summary: 'Metrics for Prometheus',
  description: 'Text exposition format, of the whole process.',
  mediaType: 'text/plain',
  shape: z.string(),
  answer: async ({ registry }) => ({ type: registry.contentType, text: await registry.metrics() }),
})
