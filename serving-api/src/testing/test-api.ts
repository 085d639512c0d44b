/** A running API for tests: real sockets, a port of its own, and whatever database and log the test gives it. */
import type { ClickHouse } from '@ecomind/clickhouse'
import pino from 'pino'
import { Registry } from 'prom-client'
import { type ApiConfig, readApiConfig } from '../config.ts'
import { type ApiDeps, type RunningApi, startApi } from '../start-api.ts'

export interface TestAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; null when it is none. */
  readonly json: unknown
}

export interface TestApi extends RunningApi {
  readonly logLines: string[]
  get(pathAndQuery: string, init?: RequestInit): Promise<TestAnswer>
}

export async function startTestApi(
  clickhouse: ClickHouse,
  deps: Partial<ApiDeps> = {},
  config: Partial<ApiConfig> = {},
): Promise<TestApi> {
  const logLines: string[] = []
  const api = await startApi(
    {
      clickhouse,
      logger: pino({ level: 'info' }, { write: (line: string) => logLines.push(line) }),
      registry: new Registry(),
      version: '0.0.0-test',
      loadFactorSet: async () => null,
      watermark: () => null,
      inFlight: async () => [],
      healthChecks: {},
      replayLog: null,
      uiDir: null,
      ...deps,
    },
    { ...readApiConfig({}), port: 0, ...config },
  )
  return {
    ...api,
    logLines,
    get: async (pathAndQuery, init = {}) => {
      const answer = await fetch(`${api.url}${pathAndQuery}`, init)
      const text = await answer.text()
      return { status: answer.status, headers: answer.headers, text, json: parseOrNull(text) }
    },
  }
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
