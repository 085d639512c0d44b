import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/solid-query'
import { lazy, Match, Suspense, Switch } from 'solid-js'
import { asApiError } from './api/api-error.ts'
import { Dashboard } from './page/dashboard.tsx'
import { FULL_ACCESS } from './sign-in/access.ts'
import { isSignInPath } from './sign-in/addresses.ts'
import { signInNeeded } from './sign-in/installation.ts'
import { leaveToSignIn } from './sign-in/session.ts'
import { createView, LOCAL_ORG_ID } from './view/view-state.ts'

const RETRIES_MAX = 2

const SignInPages = lazy(async () => ({ default: (await import('./sign-in/sign-in-pages.tsx')).SignInPages }))
const SignedIn = lazy(async () => ({ default: (await import('./sign-in/signed-in.tsx')).SignedIn }))

/** Who may do less than this page thought, or nothing any more. */
function onRefusal(error: unknown): void {
  const { status } = asApiError(error)
  if (!signInNeeded()) return
  if (status === 401) leaveToSignIn(client)
  if (status === 403) void client.invalidateQueries({ queryKey: ['me'] })
}

const client = new QueryClient({
  queryCache: new QueryCache({ onError: onRefusal }),
  defaultOptions: {
    queries: {
      // Live news says when an answer is old; until then it need not be asked for again.
      staleTime: 30_000,
      // A tab that comes back is refreshed by api/live.ts, unless updates are paused.
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < RETRIES_MAX && asApiError(error).retryable,
      retryDelay: (failures) => Math.min(4_000, 500 * 2 ** failures),
    },
  },
})

/** Local mode: no sign-in, and one organisation. */
function LocalDashboard() {
  return <Dashboard view={createView(() => LOCAL_ORG_ID)} access={() => FULL_ACCESS} />
}

export function App() {
  return (
    <QueryClientProvider client={client}>
      <Switch fallback={<LocalDashboard />}>
        <Match when={signInNeeded() && isSignInPath(location.pathname)}>
          <Suspense>
            <SignInPages path={location.pathname} />
          </Suspense>
        </Match>
        <Match when={signInNeeded()}>
          <Suspense>
            <SignedIn />
          </Suspense>
        </Match>
      </Switch>
    </QueryClientProvider>
  )
}
