/** An OpenID provider whose tokens the test makes up: for everything that a good one never sends. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface TokenRequest {
  readonly nonce: string
  readonly issuer: string
  readonly clientId: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export type MakeToken = (request: TokenRequest) => Promise<string>

export const KEY_ID = 'key-1'
export const CLIENT_ID = 'ecomind'

export class BadOpenIdProvider {
  readonly keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
  readonly clientId = CLIENT_ID
  /** Fields of the discovery document that differ. */
  metadata: Readonly<Record<string, unknown>> = {}
  makeToken: MakeToken = () => Promise.reject(new Error('no token'))
  /** Bodies of token requests. */
  readonly tokenRequests: URLSearchParams[] = []
  #nonce = ''
  #server: Server | undefined
  issuer = ''

  async start(): Promise<void> {
    const server = createServer((req, res) => {
      const chunks: Buffer[] = []
      req.on('data', (chunk: Buffer) => chunks.push(chunk))
      req.on('end', () => {
        this.#answer(req.url ?? '', Buffer.concat(chunks).toString()).then(
          ({ status, body }) => {
            res.writeHead(status, { 'content-type': 'application/json' })
            res.end(JSON.stringify(body))
          },
          () => res.writeHead(500).end(),
        )
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    this.#server = server
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.#server === undefined) resolve()
      else this.#server.close(() => resolve())
      this.#server?.closeAllConnections()
    })
  }

  /** Where the browser would come back to, for the address it was sent to. */
  authorise(address: string, more: Readonly<Record<string, string>> = {}): string {
    const asked = new URL(address).searchParams
    this.#nonce = asked.get('nonce') ?? ''
    const back = new URL(asked.get('redirect_uri') ?? '')
    const answer = { code: 'good-code', state: asked.get('state') ?? '', iss: this.issuer, ...more }
    for (const [name, value] of Object.entries(answer)) back.searchParams.set(name, value)
    return back.href
  }

  async #answer(path: string, body: string): Promise<{ status: number; body: unknown }> {
    switch (path) {
      case '/.well-known/openid-configuration':
        return { status: 200, body: this.#discovery() }
      case '/jwks': {
        const key = { ...this.keys.publicKey.export({ format: 'jwk' }), kid: KEY_ID, use: 'sig' }
        return { status: 200, body: { keys: [key] } }
      }
      case '/token': {
        this.tokenRequests.push(new URLSearchParams(body))
        const { issuer, clientId, keys } = this
        const idToken = await this.makeToken({ nonce: this.#nonce, issuer, clientId, ...keys })
        return { status: 200, body: { access_token: 'a', token_type: 'Bearer', expires_in: 60, id_token: idToken } }
      }
      default:
        return { status: 404, body: {} }
    }
  }

  #discovery(): Readonly<Record<string, unknown>> {
    const at = (path: string) => `${this.issuer}${path}`
    return {
      issuer: this.issuer,
      authorization_endpoint: at('/authorise'),
      token_endpoint: at('/token'),
      jwks_uri: at('/jwks'),
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
      token_endpoint_auth_methods_supported: ['client_secret_post'],
      authorization_response_iss_parameter_supported: true,
      ...this.metadata,
    }
  }
}
