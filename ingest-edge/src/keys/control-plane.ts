/** What an edge asks the control plane and tells it, over HTTP, with the token that both derive from the secret keys. */
import { randomUUID } from 'node:crypto'
import { edgeAuthorization, type KeyRing } from '@ecomind/schemas/keys'
import type { KeyUse } from './key-book.ts'

const TIMEOUT_MS = 4000
/** A quarter of a million keys. */
const SNAPSHOT_BYTES_MAX = 64 * 1024 * 1024

export class ControlPlaneError extends Error {
  override readonly name = 'ControlPlaneError'
}

export interface ControlPlane {
  /**
   * The signed text and its tag; null when it is still the one of `etag`, of which it waits a second to be sure.
   * @param ended of this question alone: a lasting signal would keep something of every question for ever (Node 20)
   * @throws ControlPlaneError, also when it is `ended`
   */
  fetchSnapshot(
    etag: string | null,
    ended: AbortSignal,
  ): Promise<{ readonly signed: string; readonly etag: string | null } | null>
  /** @throws ControlPlaneError */
  reportUses(uses: readonly KeyUse[]): Promise<void>
}

export function controlPlaneAt(url: string, ring: KeyRing): ControlPlane {
  const base = url.replace(/\/+$/, '')
  // So that whoever changes keys can wait until each edge has them.
  const edgeId = randomUUID()
  const ask = async <T>(path: string, init: RequestInit, read: (response: Response) => Promise<T>): Promise<T> => {
    try {
      const headers = {
        ...(init.headers as Record<string, string>),
        authorization: edgeAuthorization(ring),
        'ecomind-edge-id': edgeId,
      }
      const timeout = AbortSignal.timeout(TIMEOUT_MS)
      const signal = init.signal == null ? timeout : AbortSignal.any([timeout, init.signal])
      return await read(await fetch(`${base}${path}`, { ...init, headers, signal, redirect: 'error' }))
    } catch (error) {
      if (error instanceof ControlPlaneError) throw error
      throw new ControlPlaneError(`ask the control plane: ${reasonOf(error)}`)
    }
  }
  return {
    fetchSnapshot: (etag, ended) => {
      const headers = etag === null ? {} : { 'if-none-match': etag, prefer: 'wait=1' }
      return ask('/v1/edge/keys', { headers, signal: ended }, async (response) => {
        if (response.status === 304) return null
        if (response.status !== 200) throw await refusalOf(response)
        return { signed: await readText(response), etag: response.headers.get('etag') }
      })
    },
    reportUses: (uses) =>
      ask(
        '/v1/edge/key-uses',
        { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ uses }) },
        async (response) => {
          if (!response.ok) throw await refusalOf(response)
          await response.body?.cancel()
        },
      ),
  }
}

async function refusalOf(response: Response): Promise<ControlPlaneError> {
  await response.body?.cancel()
  const advice = response.status === 401 ? '; its ECOMIND_SECRET_KEYS are others than those of this edge' : ''
  return new ControlPlaneError(`ask the control plane: it answered ${response.status}${advice}`)
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > SNAPSHOT_BYTES_MAX) throw new ControlPlaneError('ask the control plane: its snapshot is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** `fetch failed` alone says nothing: its cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it failed'
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS} ms`
  return error.cause instanceof Error ? error.cause.message || error.message : error.message
}
