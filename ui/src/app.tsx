import { QueryClient, QueryClientProvider } from '@tanstack/solid-query'
import { asApiError } from './api/api-error.ts'
import { Dashboard } from './page/dashboard.tsx'

const RETRIES_MAX = 2

const client = new QueryClient({
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

export function App() {
  return (
    <QueryClientProvider client={client}>
      <Dashboard />
    </QueryClientProvider>
  )
}
