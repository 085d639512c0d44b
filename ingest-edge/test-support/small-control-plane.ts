/** A control plane as edges see it: signed snapshots over HTTP that a test changes, kills and brings back. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  hashApiKey,
  isEdgeAuthorization,
  type KeyRing,
  type KeySnapshot,
  makeApiKey,
  type SnapshotKey,
  signKeySnapshot,
} from '@ecomind/schemas/keys'

export interface TestKey {
  readonly secret: string
  readonly entry: SnapshotKey
}

export class SmallControlPlane {
  readonly ring: KeyRing
  snapshot: KeySnapshot = { revision: 1, made_at: '2026-11-26T00:00:00.000Z', keys: [], organisations: [] }
  /** Answers this instead of the signed snapshot when it is set. */
  instead: string | null = null
  /** Answers that carried a snapshot, and those that said there is none newer. */
  readonly answered = { whole: 0, unchanged: 0 }
  readonly uses: unknown[] = []
  #server: Server | null = null
  #port = 0

  constructor(ring: KeyRing) {
    this.ring = ring
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  makeKey(change: Partial<SnapshotKey> = {}): TestKey {
    const secret = makeApiKey(change.scopes ?? ['ingest'])
    const entry: SnapshotKey = {
      id: `key_${this.snapshot.keys.length + 1}`,
      org_id: 'org_a',
      hash: hashApiKey(this.ring, this.ring.activeId, secret),
      pepper_id: this.ring.activeId,
      scopes: ['ingest'],
      expires_at_ms: null,
      rate_per_second: null,
      events_per_day_max: null,
      ...change,
    }
    this.publish([...this.snapshot.keys, entry])
    return { secret, entry }
  }

  revoke({ entry }: TestKey): void {
    this.publish(this.snapshot.keys.filter((key) => key.hash !== entry.hash))
  }

  publish(keys: readonly SnapshotKey[]): void {
    this.snapshot = { ...this.snapshot, revision: this.snapshot.revision + 1, keys: [...keys] }
  }

  /** On the port that it had before. */
  async start(): Promise<void> {
    const server = createServer((req, res) => {
      if (!isEdgeAuthorization(this.ring, req.headers.authorization ?? '')) return res.writeHead(401).end()
      if (req.method === 'POST') {
        let body = ''
        req.on('data', (chunk: Buffer) => {
          body += chunk.toString()
        })
        req.on('end', () => {
          this.uses.push(...(JSON.parse(body) as { uses: unknown[] }).uses)
          res.writeHead(204).end()
        })
        return
      }
      const etag = `"${this.snapshot.revision}"`
      if (this.instead === null && req.headers['if-none-match'] === etag) {
        this.answered.unchanged++
        return res.writeHead(304).end()
      }
      this.answered.whole++
      return res.writeHead(200, { etag }).end(this.instead ?? signKeySnapshot(this.ring, this.snapshot))
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  async kill(): Promise<void> {
    const server = this.#server
    this.#server = null
    server?.closeAllConnections()
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())))
  }
}
