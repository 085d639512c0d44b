/** Out of all organisations of this browser. */
import { createSignal, Show } from 'solid-js'
import { asApiError } from '../api/api-error.ts'
import { useSignOut } from './session.ts'

export function SignOutButton() {
  const signOut = useSignOut()
  const [state, setState] = createSignal<'ready' | 'busy' | 'failed'>('ready')
  const [fault, setFault] = createSignal('')
  const run = async () => {
    setState('busy')
    try {
      await signOut.ofThisBrowser()
    } catch (error) {
      setFault(asApiError(error).message)
      setState('failed')
    }
  }
  return (
    <>
      <button type="button" class="button" disabled={state() === 'busy'} onClick={() => void run()}>
        Sign out
      </button>
      <Show when={state() === 'failed'}>
        <p role="alert" class="w-full text-sm text-danger">
          You are still signed in: {fault()}
        </p>
      </Show>
    </>
  )
}
