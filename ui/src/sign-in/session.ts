/** Who is signed in in this browser: asked once when the page opens, and again when the server refuses something. */
import { type QueryClient, queryOptions, useQueryClient } from '@tanstack/solid-query'
import { type Accessor, createContext, useContext } from 'solid-js'
import { asApiError } from '../api/api-error.ts'
import { ask } from '../api/ask.ts'
import { type Change, send } from '../api/send.ts'
import type { Membership } from './access.ts'
import { presentView, signInAddress } from './addresses.ts'

export interface Me {
  readonly kind: string
  readonly csrf_token: string | null
  readonly organisations: readonly Membership[]
}

export interface Session {
  readonly organisations: Accessor<readonly Membership[]>
  /** Of the organisation that is shown. */
  readonly membership: Accessor<Membership>
}

export function meQuestion() {
  return queryOptions({
    queryKey: ['me'],
    queryFn: ({ signal }) => ask<Me>('/v1/auth/me', [], ['csrf_token', 'organisations'], signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** Absent in local mode. */
export const SessionContext = createContext<Session>()
export const useSession = (): Session | undefined => useContext(SessionContext)

/** Sends a change as the person who is signed in. Another tab may have renewed the session: then once more with its token. */
export async function sendAs(client: QueryClient, change: Omit<Change, 'csrfToken'>): Promise<object> {
  const attempt = async () => {
    const { csrf_token: csrfToken } = await client.fetchQuery(meQuestion())
    return await send<object>({ ...change, ...(csrfToken === null ? {} : { csrfToken }) })
  }
  try {
    return await attempt()
  } catch (error) {
    if (asApiError(error).code !== 'csrf_rejected') throw error
    await client.invalidateQueries({ queryKey: ['me'], refetchType: 'none' })
    return await attempt()
  }
}

export interface SignOut {
  readonly ofOrganisation: (orgId: string) => Promise<void>
  readonly ofThisBrowser: () => Promise<void>
  readonly everywhere: () => Promise<void>
}

const signedOut = () => location.replace(signInAddress({ arrival: 'signed_out' }))

export function useSignOut(): SignOut {
  const client = useQueryClient()
  const logout = (body: object) => sendAs(client, { method: 'POST', path: '/v1/auth/logout', body })
  /** Whose session is over already is out, which is what was wanted. */
  const orGone = async (work: () => Promise<void>) => {
    try {
      await work()
    } catch (error) {
      if (asApiError(error).status !== 401) throw error
      signedOut()
    }
  }
  return {
    ofOrganisation: (orgId) =>
      orGone(async () => {
        await logout({ org_id: orgId })
        location.replace('/')
      }),
    ofThisBrowser: () =>
      orGone(async () => {
        await logout({})
        signedOut()
      }),
    everywhere: () =>
      orGone(async () => {
        await sendAs(client, { method: 'DELETE', path: '/v1/auth/sessions' })
        await logout({})
        signedOut()
      }),
  }
}

/** The session is over or never was: sign in, and back to exactly what is on screen. */
export function leaveToSignIn(client: QueryClient): void {
  const wasSignedIn = client.getQueryData(meQuestion().queryKey) !== undefined
  // No step back leads to a page that nobody may see any more.
  location.replace(signInAddress({ returnTo: presentView(), ...(wasSignedIn ? { arrival: 'expired' as const } : {}) }))
}
