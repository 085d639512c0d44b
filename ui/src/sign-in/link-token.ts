/** The token of a one-time link stands behind `#`, so that it gets into no log. It is taken out of the address at once. */

/** `''` where the link is not complete. */
export function takeLinkToken(): string {
  const token = location.hash.slice(1)
  history.replaceState(null, '', location.pathname)
  return token
}
