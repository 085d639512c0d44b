/** Only where the browser can. */
import { Show } from 'solid-js'
import { KeyIcon } from '../page/icons.tsx'
import type { LogIn } from './log-in.ts'
import { canUsePasskeys, signInWithPasskey } from './passkey.ts'

export function PasskeyButton(props: { logIn: LogIn; onSignedIn: () => void }) {
  const run = () =>
    props.logIn.during(async () => {
      if (await signInWithPasskey()) props.onSignedIn()
    })
  return (
    <Show when={canUsePasskeys()}>
      <p class="divider">or</p>
      <button type="button" class="button button-wide" disabled={props.logIn.busy()} onClick={() => void run()}>
        <KeyIcon /> Sign in with a passkey
      </button>
    </Show>
  )
}
