/** The frame of a panel: heading, actions, and the three states that every question has. */
import type { UseQueryResult } from '@tanstack/solid-query'
import { createUniqueId, type JSX, Show } from 'solid-js'
import { type ApiError, asApiError } from '../api/api-error.ts'
import { signInNeeded } from '../sign-in/installation.ts'

export interface PanelProps {
  readonly heading: string
  readonly note?: string | undefined
  readonly actions?: JSX.Element
  readonly children: JSX.Element
}

export function Panel(props: PanelProps) {
  const headingId = createUniqueId()
  return (
    <section aria-labelledby={headingId} class="panel">
      <div class="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div class="min-w-0">
          <h2 id={headingId} class="font-semibold">
            {props.heading}
          </h2>
          <Show when={props.note}>
            <p class="text-sm text-muted">{props.note}</p>
          </Show>
        </div>
        {props.actions}
      </div>
      {props.children}
    </section>
  )
}

export function PanelError(props: { error: unknown; what: string; onRetry: () => void; retrying: boolean }) {
  const error = () => asApiError(props.error)
  return (
    <div role="alert" class="panel-error">
      <p class="font-medium">{props.what} can’t be shown</p>
      <p class="text-sm">{error().message}</p>
      <Show when={error().requestId}>
        {(id) => (
          <p class="text-sm text-muted">
            Request <code class="break-all">{id()}</code>
          </p>
        )}
      </Show>
      <button type="button" class="button mt-2" disabled={props.retrying} onClick={props.onRetry}>
        {props.retrying ? 'Trying…' : 'Try again'}
      </button>
    </div>
  )
}

/** Grey shapes of the size of what will come; one spoken word instead of many. */
export function Skeleton(props: { class: string; label: string }) {
  return (
    <div class={`skeleton ${props.class}`}>
      <span class="sr-only">Loading {props.label}…</span>
    </div>
  )
}

export interface AnsweredProps<T> {
  readonly query: UseQueryResult<T, Error>
  readonly what: string
  readonly skeleton: JSX.Element
  readonly children: (answer: () => T) => JSX.Element
}

/** Refusals that no retry mends: a right that is missing, a group too small to be shown. */
const FINAL: ReadonlySet<string> = new Set(['forbidden', 'group_too_small'])

function Refusal(props: { error: ApiError; what: string }) {
  return (
    <p role="status" class="note" data-tone="warning">
      {props.what} can’t be shown to you: {props.error.message}.
      {props.error.code === 'forbidden' ? ' An owner or administrator of the organisation gives rights.' : ''}
    </p>
  )
}

/** Skeleton, error or content. Old content stays, dimmed, while a new answer is on its way or after it failed. */
export function Answered<T extends object>(props: AnsweredProps<T>) {
  const retry = () => {
    void props.query.refetch()
  }
  const refusal = () => asApiError(props.query.error)
  // Nobody is signed in any more: app.tsx is leaving for the sign-in page.
  const isLeaving = () => refusal().status === 401 && signInNeeded()
  const failed = () => props.query.isError && !isLeaving()
  const error = () => (
    <Show
      when={FINAL.has(refusal().code)}
      fallback={
        <PanelError error={props.query.error} what={props.what} onRetry={retry} retrying={props.query.isFetching} />
      }
    >
      <Refusal error={refusal()} what={props.what} />
    </Show>
  )
  return (
    <div aria-busy={props.query.isFetching} classList={{ stale: props.query.isPlaceholderData }}>
      <Show when={failed()}>{error()}</Show>
      <Show when={props.query.data} fallback={<Show when={!failed()}>{props.skeleton}</Show>}>
        {(answer) => props.children(answer as () => T)}
      </Show>
    </div>
  )
}
