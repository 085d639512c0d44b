/**
 * In local mode nobody needs a key, so a page of another site must not write events by pointing its own host name at
 * 127.0.0.1 (DNS rebinding): only the names of this machine are answered.
 */
const LOCAL_NAME = /^(?:(?:[a-z0-9-]+\.)*localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i

/** Most clients send the same Host again and again, so the last good one is remembered. */
let lastGood = ''

export function isLocalHost(host: string): boolean {
  if (host === lastGood && host !== '') return true
  if (!LOCAL_NAME.test(host)) return false
  lastGood = host
  return true
}
