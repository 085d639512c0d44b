/** Which pages may send events from a browser (Fetch standard, CORS protocol). */
import type { HeaderList } from './http-server.ts'

const NONE: HeaderList = []
const PREFLIGHT: HeaderList = [
  'access-control-allow-methods',
  'POST',
  'access-control-allow-headers',
  'authorization, content-type, content-encoding, x-request-id',
  'access-control-max-age',
  '7200',
]

export interface Cors {
  /** Headers of an answer to a page of this origin; none when it is not on the list. */
  headersFor(origin: string): HeaderList
  /** Headers of the answer to a preflight request. */
  preflightFor(origin: string): HeaderList
}

export function createCors(origins: readonly string[]): Cors {
  const headers = new Map<string, HeaderList>(
    origins.map((origin) => [
      origin,
      [
        'access-control-allow-origin',
        origin,
        'access-control-expose-headers',
        'retry-after, x-request-id, ratelimit-limit, ratelimit-remaining, ratelimit-reset, ratelimit-policy',
        'vary',
        'origin',
      ],
    ]),
  )
  return {
    headersFor: (origin) => (origin === '' ? NONE : (headers.get(origin) ?? NONE)),
    preflightFor: (origin) => {
      const allowed = headers.get(origin)
      return allowed === undefined ? NONE : [...allowed, ...PREFLIGHT]
    },
  }
}
