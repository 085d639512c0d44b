/** A form that redeems a one-time link: what it sends, and what it says of a refusal. */
import { createSignal, type JSX, Show } from 'solid-js'
import { type ApiError, asApiError } from '../api/api-error.ts'
import { SIGN_IN_PATH } from './addresses.ts'
import { Fault } from './notice.tsx'
import { textOfError } from './sign-in-texts.ts'

export interface LinkFormProps {
  /** `''`: the link is not complete. */
  readonly token: string
  readonly action: string
  readonly onSubmit: () => Promise<void>
  readonly children: (faultOf: (field: string) => string | undefined) => JSX.Element
}

export function LinkForm(props: LinkFormProps) {
  const [fault, setFault] = createSignal<ApiError>()
  const [busy, setBusy] = createSignal(false)
  const submit = async () => {
    if (busy()) return
    setBusy(true)
    setFault(undefined)
    try {
      await props.onSubmit()
    } catch (error) {
      setFault(asApiError(error))
      setBusy(false)
    }
  }
  /** Refusals of one field begin with its name and stand beside it. */
  const faultOf = (field: string) => {
    const message = fault()?.code === 'invalid_parameter' ? fault()?.message : undefined
    return message?.startsWith(`${field}: `) === true ? sentence(message.slice(field.length + 2)) : undefined
  }
  const general = () => {
    const error = fault()
    return error !== undefined && !/^[a-z_]+: /.test(error.code === 'invalid_parameter' ? error.message : '')
      ? error
      : undefined
  }
  return (
    <Show
      when={props.token !== ''}
      fallback={
        <>
          <Fault>This link is not complete. Open it again, or copy all of it.</Fault>
          <a class="button mt-4" href={SIGN_IN_PATH}>
            To the sign-in page
          </a>
        </>
      }
    >
      <Show when={general()}>
        {(error) => (
          <Fault requestId={error().status >= 500 ? error().requestId : undefined}>{textOfError(error())}</Fault>
        )}
      </Show>
      <form
        class="mt-4 flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        {props.children(faultOf)}
        <button type="submit" class="button button-strong button-wide" disabled={busy()}>
          {busy() ? 'One moment…' : props.action}
        </button>
      </form>
    </Show>
  )
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
