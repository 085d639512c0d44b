/** The pages around sign-in, by their address; loaded only when one of them is opened. */
import type { JSX } from 'solid-js'
import { FIRST_OWNER_PATH, INVITATION_PATH, RESET_PATH } from './addresses.ts'
import { FirstOwnerPage } from './first-owner-page.tsx'
import { SetPasswordPage } from './set-password-page.tsx'
import { SignInPage } from './sign-in-page.tsx'

export function SignInPages(props: { path: string }): JSX.Element {
  switch (props.path.replace(/\/$/, '')) {
    case FIRST_OWNER_PATH:
      return <FirstOwnerPage />
    case INVITATION_PATH:
      return <SetPasswordPage kind="invitation" />
    case RESET_PATH:
      return <SetPasswordPage kind="reset" />
    default:
      return <SignInPage />
  }
}
