/** Where the links of an invitation and of a password reset lead: set a password, then sign in with it. */
import { createSignal } from 'solid-js'
import { send } from '../api/send.ts'
import { signInAddress } from './addresses.ts'
import { Field } from './field.tsx'
import { Frame } from './frame.tsx'
import { LinkForm } from './link-form.tsx'
import { takeLinkToken } from './link-token.ts'
import { PASSWORD_HINT } from './password-hint.ts'

const TEXT = {
  invitation: {
    heading: 'Welcome to Ecomind',
    text: 'You are invited. Choose a password; you sign in with it and your e-mail.',
    action: 'Set password',
  },
  reset: {
    heading: 'Set a new password',
    text: 'You are signed out everywhere as soon as it is set.',
    action: 'Set new password',
  },
} as const

export function SetPasswordPage(props: { kind: 'invitation' | 'reset' }) {
  const token = takeLinkToken()
  const [password, setPassword] = createSignal('')
  const redeem = async () => {
    const body = { token, password: password() }
    const { email } = await send<{ email: string }>({ method: 'POST', path: '/v1/auth/links/redeem', body })
    location.replace(signInAddress({ arrival: 'password_set', email }))
  }
  return (
    <Frame heading={TEXT[props.kind].heading}>
      <p class="mt-2">{TEXT[props.kind].text}</p>
      <LinkForm token={token} action={TEXT[props.kind].action} onSubmit={redeem}>
        {(faultOf) => (
          <Field
            first
            label="New password"
            name="password"
            type="password"
            autocomplete="new-password"
            value={password()}
            onInput={setPassword}
            hint={PASSWORD_HINT}
            fault={faultOf('password')}
          />
        )}
      </LinkForm>
    </Frame>
  )
}
