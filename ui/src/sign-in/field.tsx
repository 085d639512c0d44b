/** One labelled input with its rule and its fault, tied together for screen readers. */
import { createUniqueId, onMount, Show } from 'solid-js'

export interface FieldProps {
  readonly label: string
  readonly name: string
  readonly type?: 'text' | 'email' | 'password'
  readonly autocomplete: string
  readonly value: string
  readonly onInput: (value: string) => void
  readonly hint?: string | undefined
  readonly fault?: string | undefined
  readonly inputMode?: 'numeric' | 'email' | 'text'
  readonly maxLength?: number
  /** Takes the focus when it appears: the one thing that is asked now. */
  readonly first?: boolean
}

export function Field(props: FieldProps) {
  const id = createUniqueId()
  let input: HTMLInputElement | undefined
  onMount(() => {
    if (props.first === true) input?.focus()
  })
  const described = () =>
    [props.hint === undefined ? '' : `${id}-hint`, props.fault === undefined ? '' : `${id}-fault`].join(' ').trim()
  return (
    <div class="form-field">
      <label for={id}>{props.label}</label>
      <input
        ref={input}
        id={id}
        class="field"
        name={props.name}
        type={props.type ?? 'text'}
        autocomplete={props.autocomplete}
        inputmode={props.inputMode}
        maxLength={props.maxLength}
        autocapitalize="none"
        spellcheck={false}
        required
        value={props.value}
        aria-invalid={props.fault !== undefined}
        aria-describedby={described() === '' ? undefined : described()}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      <Show when={props.hint}>
        <p id={`${id}-hint`} class="text-sm text-muted">
          {props.hint}
        </p>
      </Show>
      <Show when={props.fault}>
        <p id={`${id}-fault`} class="text-sm text-danger">
          {props.fault}
        </p>
      </Show>
    </div>
  )
}
