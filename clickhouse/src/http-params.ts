/**
 * Bound values of a statement over HTTP. They travel in the address, which proxies cut at a few KiB and ClickHouse at
 * 1 MiB; what is longer is put into the text as typed literals, as it is in process (bind-params.ts).
 */
import { bindParams } from './bind-params.ts'
import type { Statement } from './clickhouse.ts'

export interface BoundStatement {
  readonly text: string
  /** What the server binds. */
  readonly params?: Readonly<Record<string, unknown>>
}

/** Characters; nginx takes 8 KiB for the whole request line by default. */
const ADDRESS_PARAMS_MAX = 2_000

/** @throws RangeError as bindParams does */
export function bindForHttp({ text, params }: Statement): BoundStatement {
  if (params === undefined || Object.keys(params).length === 0) return { text }
  if (encodedLength(params) > ADDRESS_PARAMS_MAX) return { text: bindParams(text, params) }
  return { text, params }
}

function encodedLength(params: Readonly<Record<string, unknown>>): number {
  let length = 0
  for (const [name, value] of Object.entries(params)) {
    length += name.length + encodeURIComponent(JSON.stringify(value) ?? '').length
  }
  return length
}
