import { render } from '@solidjs/testing-library'
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/solid-query'
import { describe, expect, test, vi } from 'vitest'
import { ApiError } from '../api/api-error.ts'
import { Answered, Skeleton } from './panel.tsx'

interface Answer {
  readonly value: string
}

function show(queryFn: () => Promise<Answer>) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const Shown = () => {
    const query = useQuery(() => ({ queryKey: ['q'], queryFn }))
    return (
      <Answered query={query} what="The trend" skeleton={<Skeleton class="h-1" label="the trend" />}>
        {(answer) => <p>{answer().value}</p>}
      </Answered>
    )
  }
  const screen = render(() => (
    <QueryClientProvider client={client}>
      <Shown />
    </QueryClientProvider>
  ))
  return { client, screen }
}

describe('Answered', () => {
  test('a skeleton first, then the answer', async () => {
    const { screen } = show(async () => ({ value: 'forty-two' }))
    expect(screen.getByText('Loading the trend…')).toBeTruthy()
    expect(await screen.findByText('forty-two')).toBeTruthy()
    expect(screen.queryByText('Loading the trend…')).toBeNull()
  })

  test('a failure says what, why and under which id, and a retry asks again', async () => {
    const ask = vi.fn<() => Promise<Answer>>()
    ask.mockRejectedValueOnce(new ApiError('database_unavailable', 503, 'The database does not answer', 'r-7'))
    ask.mockResolvedValueOnce({ value: 'back' })
    const { screen } = show(ask)
    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toMatch(/The trend can’t be shown.*The database does not answer.*r-7/)
    screen.getByRole('button', { name: 'Try again' }).click()
    expect(await screen.findByText('back')).toBeTruthy()
    expect(screen.queryByRole('alert')).toBeNull()
  })

  test('an old answer stays on screen when a refresh fails', async () => {
    const ask = vi.fn<() => Promise<Answer>>()
    ask.mockResolvedValueOnce({ value: 'old' })
    ask.mockRejectedValue(new ApiError('unreachable', 0, 'The server can’t be reached'))
    const { screen, client } = show(ask)
    await screen.findByText('old')
    await client.invalidateQueries({ queryKey: ['q'] })
    expect(await screen.findByRole('alert')).toBeTruthy()
    expect(screen.getByText('old')).toBeTruthy()
  })
})
