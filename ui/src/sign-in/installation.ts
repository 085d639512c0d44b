/** Whether people sign in here. The server writes it into the page; local mode leaves it empty and asks nobody. */

export function signInNeeded(page: Document = document): boolean {
  return page.querySelector('meta[name="ecomind-sign-in"]')?.getAttribute('content') === 'yes'
}
