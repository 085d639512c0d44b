/** A sentence above a form: what went wrong, or why one is here. */
import { type JSX, Show } from 'solid-js'

export function Fault(props: { children: JSX.Element; requestId?: string | undefined }) {
  return (
    <div role="alert" class="panel-error">
      <p>{props.children}</p>
      <Show when={props.requestId}>
        <p class="mt-1 text-sm text-muted">
          For your administrator: request <code class="break-all">{props.requestId}</code>
        </p>
      </Show>
    </div>
  )
}

export function Notice(props: { children: JSX.Element }) {
  return (
    <p role="status" class="note" data-tone="good">
      {props.children}
    </p>
  )
}
