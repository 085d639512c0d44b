/** Where a browser goes after its sign-in: a path of ours, never an address that someone else chose. */
const PATH = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,2000}$/
const ANY_ORIGIN = 'https://origin.invalid'

/** Anything that a browser could read as another host becomes `/`. */
export function safeReturnTo(text: string | undefined): string {
  if (text === undefined || !PATH.test(text)) return '/'
  const url = new URL(text, ANY_ORIGIN)
  const path = `${url.pathname}${url.search}${url.hash}`
  // Dots in a path can be resolved into two leading slashes.
  return url.origin === ANY_ORIGIN && PATH.test(path) ? path : '/'
}
