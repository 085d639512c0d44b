/** What a browser does of sign-in: cookies by origin, redirects, Origin on posts. */

export interface Seen {
  readonly status: number
  readonly url: string
  readonly headers: Headers
  readonly text: string
  readonly json: unknown
}

const REDIRECTS_MAX = 20

export class TestBrowser {
  readonly #jars = new Map<string, Map<string, string>>()
  /** Sent as X-CSRF-Token, as our pages do. */
  csrfToken: string | null = null

  cookie(origin: string, name: string): string | undefined {
    return this.#jar(origin).get(name)
  }

  setCookie(origin: string, name: string, value: string): void {
    this.#jar(origin).set(name, value)
  }

  /** One request; redirects are for `follow`. */
  async send(url: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Seen> {
    const { origin } = new URL(url)
    const cookies = [...this.#jar(origin)].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, {
      redirect: 'manual',
      ...init,
      headers: { ...(cookies === '' ? {} : { cookie: cookies }), 'user-agent': 'test-browser', ...init.headers },
    })
    for (const line of answer.headers.getSetCookie()) this.#store(origin, line)
    const text = await answer.text()
    return { status: answer.status, url, headers: answer.headers, text, json: parseOrNull(text) }
  }

  /** Goes where the redirects lead, up to `stopAt`, which is not asked any more. */
  async follow(
    url: string,
    stopAt?: (url: URL) => boolean,
    init: RequestInit & { headers?: Record<string, string> } = {},
  ): Promise<Seen> {
    let seen = await this.send(url, init)
    for (let i = 0; i < REDIRECTS_MAX; i++) {
      const location = seen.headers.get('location')
      if (seen.status < 300 || seen.status >= 400 || location === null) return seen
      const next = new URL(location, seen.url)
      if (stopAt?.(next) === true) return { ...seen, url: next.href }
      seen = await this.send(next.href)
    }
    throw new Error(`too many redirects, last ${seen.url}`)
  }

  /** As a page of ours does it: JSON, our Origin, the token. */
  async ask(method: string, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Seen> {
    return await this.send(url, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'GET' ? {} : { origin: new URL(url).origin }),
        ...(this.csrfToken === null ? {} : { 'x-csrf-token': this.csrfToken }),
        ...headers,
      },
    })
  }

  #jar(origin: string): Map<string, string> {
    const jar = this.#jars.get(origin) ?? new Map<string, string>()
    this.#jars.set(origin, jar)
    return jar
  }

  #store(origin: string, line: string): void {
    const [pair = ''] = line.split(';')
    const equals = pair.indexOf('=')
    const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)]
    const isGone = /; *(?:max-age=0|expires=thu, 01 jan 1970)/i.test(line) || value === ''
    if (isGone) this.#jar(origin).delete(name)
    else this.#jar(origin).set(name, value)
  }
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
