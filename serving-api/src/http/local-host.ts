/**
 * In local mode nobody needs a key, so a page of another site must not get here by pointing its own host name at
 * 127.0.0.1 (DNS rebinding): only the names of this machine are answered.
 */
import { ApiError } from './api-error.ts'

const LOCAL_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/** @throws ApiError forbidden */
export function requireLocalHost(hostHeader: string | undefined): void {
  const name = (hostHeader ?? '').toLowerCase().replace(/:\d{1,5}$/, '')
  if (LOCAL_NAMES.has(name) || name.endsWith('.localhost')) return
  throw new ApiError('forbidden', 'Local mode answers under the names localhost and 127.0.0.1 only')
}
