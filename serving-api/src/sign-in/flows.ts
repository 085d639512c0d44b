/**
 * What is begun in one request and ends in another: a redirect to an identity provider, a passkey challenge. It is tied to
 * the browser by a cookie, taken once, and over after ten minutes.
 */
import { open, seal } from '@ecomind/schemas/keys'
import type { Request, Response } from 'express'
import type { z } from 'zod'
import type { Queries } from '../database/database.ts'
import { ApiError } from '../http/api-error.ts'
import { readCookie, setCookie } from './cookies.ts'
import { hashToken, isSameText, newToken } from './secret-tokens.ts'
import type { SignIn } from './sign-in.ts'

export const FLOW_MS = 600_000
const PURPOSE = 'sign-in-flow'

export type FlowKind = 'oidc' | 'saml' | 'saml_finish' | 'passkey_registration' | 'passkey_sign_in'

export interface NewFlow {
  readonly kind: FlowKind
  /** What the answer will bring back: state, challenge, request id. */
  readonly key: string
  readonly providerId: string | null
  readonly data: Readonly<Record<string, unknown>>
}

/** The browser's own mark, which all its flows share. */
export function markBrowser(signIn: SignIn, req: Request, res: Response): string {
  const mark = readCookie(signIn, req, 'ecomind-flow') ?? newToken()
  setCookie(signIn, res, 'ecomind-flow', mark, FLOW_MS)
  return hashToken(mark)
}

export async function saveFlow(
  signIn: SignIn,
  queries: Queries,
  browserHash: string,
  { kind, key, providerId, data }: NewFlow,
): Promise<void> {
  await queries.query(
    `INSERT INTO ecomind.sign_in_flows (key_hash, kind, browser_hash, provider_id, data_sealed, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      hashToken(key),
      kind,
      browserHash,
      providerId,
      seal(signIn.keyRing, PURPOSE, JSON.stringify(data)),
      new Date(signIn.nowMs() + FLOW_MS),
    ],
  )
}

export interface TakenFlow<Data> {
  readonly data: Data
  readonly browserHash: string
}

interface FlowRow {
  readonly data_sealed: string
  readonly browser_hash: string
}

/** Gone from then on, whatever comes of it. Undefined: unknown, used, expired, or of another provider. */
export async function takeFlow<Shape extends z.ZodType>(
  signIn: SignIn,
  queries: Queries,
  { kind, key, providerId }: Omit<NewFlow, 'data'>,
  shape: Shape,
): Promise<TakenFlow<z.output<Shape>> | undefined> {
  const [row] = await queries.query<FlowRow>(
    `DELETE FROM ecomind.sign_in_flows
     WHERE key_hash = $1 AND kind = $2 AND provider_id IS NOT DISTINCT FROM $3 AND expires_at > $4
     RETURNING data_sealed, browser_hash`,
    [hashToken(key), kind, providerId, new Date(signIn.nowMs())],
  )
  if (row === undefined) return undefined
  const data = shape.parse(JSON.parse(open(signIn.keyRing, PURPOSE, row.data_sealed)))
  return { data, browserHash: row.browser_hash }
}

/** @throws ApiError sign_in_refused when another browser began the flow */
export function requireSameBrowser(signIn: SignIn, req: Request, { browserHash }: TakenFlow<unknown>): void {
  const mark = readCookie(signIn, req, 'ecomind-flow')
  if (mark === null || !isSameText(hashToken(mark), browserHash))
    throw new ApiError('sign_in_refused', 'This sign-in began in another browser, or its cookie is gone; begin anew')
}
