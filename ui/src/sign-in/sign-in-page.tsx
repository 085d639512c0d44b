/** The sign-in page: who are you, how do you sign in, and a code where the account wants one. */
import { type JSX, Match, Show, Switch } from 'solid-js'
import { type Arrival, readSignInView } from './addresses.ts'
import { Field } from './field.tsx'
import { Frame } from './frame.tsx'
import { createLogIn, type LogIn } from './log-in.ts'
import { Fault, Notice } from './notice.tsx'
import { PasskeyButton } from './passkey-button.tsx'
import { ProviderLinks } from './provider-links.tsx'
import { ARRIVAL_TEXT, textOfCode, textOfError } from './sign-in-texts.ts'

export function SignInPage() {
  const view = readSignInView(location.search)
  const goOn = () => location.replace(view.returnTo)
  const logIn = createLogIn(view.email, goOn)
  return (
    <Frame heading={HEADINGS[logIn.step()] ?? 'Sign in'}>
      <Show when={logIn.fault() === undefined && logIn.step() === 'email'}>
        <Show when={view.error} fallback={<Arrived arrival={view.arrival} />}>
          {(error) => <Fault requestId={error().requestId}>{textOfCode(error().code)}</Fault>}
        </Show>
      </Show>
      <Show when={logIn.fault()}>
        {(error) => <Fault requestId={requestOf(error())}>{textOfError(error())}</Fault>}
      </Show>
      <Switch>
        <Match when={logIn.step() === 'email'}>
          <EmailStep logIn={logIn} onSignedIn={goOn} />
        </Match>
        <Match when={logIn.step() === 'methods'}>
          <MethodsStep logIn={logIn} returnTo={view.returnTo} />
        </Match>
        <Match when={logIn.step() === 'code'}>
          <CodeStep logIn={logIn} />
        </Match>
        <Match when={logIn.step() === 'organisation'}>
          <OrganisationStep logIn={logIn} />
        </Match>
      </Switch>
    </Frame>
  )
}

const HEADINGS: Readonly<Record<string, string>> = {
  code: 'Enter your code',
  organisation: 'Which organisation?',
}

/** Refusals that one can mend oneself need no request id. */
const requestOf = (error: { readonly status: number; readonly requestId: string | undefined }) =>
  error.status >= 500 ? error.requestId : undefined

function Arrived(props: { arrival: Arrival | undefined }) {
  return <Show when={props.arrival}>{(arrival) => <Notice>{ARRIVAL_TEXT[arrival()]}</Notice>}</Show>
}

/** Without an action there is nothing to send, only ways to go. */
function Form(props: { logIn: LogIn; action: string | undefined; children: JSX.Element }) {
  return (
    <form
      class="mt-4 flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        void props.logIn.submit()
      }}
    >
      {props.children}
      <Show when={props.action}>
        <button type="submit" class="button button-strong button-wide" disabled={props.logIn.busy()}>
          {props.logIn.busy() ? 'One moment…' : props.action}
        </button>
      </Show>
    </form>
  )
}

function EmailStep(props: { logIn: LogIn; onSignedIn: () => void }) {
  return (
    <>
      <Form logIn={props.logIn} action="Continue">
        <Field
          first
          label="E-mail"
          name="email"
          type="email"
          inputMode="email"
          autocomplete="username webauthn"
          value={props.logIn.typed().email}
          onInput={(email) => props.logIn.type({ email })}
        />
      </Form>
      <PasskeyButton logIn={props.logIn} onSignedIn={props.onSignedIn} />
    </>
  )
}

/** Who is signing in, with the way back. A field, so that password managers find the name beside the password. */
function Who(props: { logIn: LogIn }) {
  return (
    <div class="flex items-center gap-2 text-sm">
      <input
        class="who"
        type="email"
        name="email"
        aria-label="E-mail"
        autocomplete="username"
        readOnly
        value={props.logIn.typed().email}
      />
      <button type="button" class="quiet-button shrink-0" onClick={props.logIn.back}>
        Change
      </button>
    </div>
  )
}

function MethodsStep(props: { logIn: LogIn; returnTo: string }) {
  const providers = () => props.logIn.methods()?.providers ?? []
  return (
    <Form logIn={props.logIn} action={props.logIn.byPassword() ? 'Sign in' : undefined}>
      <Who logIn={props.logIn} />
      <ProviderLinks providers={providers()} returnTo={props.returnTo} strong={!props.logIn.byPassword()} />
      <Show
        when={props.logIn.byPassword()}
        fallback={
          <p class="text-sm text-muted">
            People of this domain sign in through their identity provider.{' '}
            <button type="button" class="link" onClick={props.logIn.usePassword}>
              Use an emergency account
            </button>
          </p>
        }
      >
        <Show when={providers().length > 0}>
          <p class="divider">or with your password</p>
        </Show>
        <Field
          first={providers().length === 0}
          label="Password"
          name="password"
          type="password"
          autocomplete="current-password"
          value={props.logIn.typed().password}
          onInput={(password) => props.logIn.type({ password })}
          hint="Forgotten? An administrator of your organisation can send you a link to set a new one."
        />
      </Show>
    </Form>
  )
}

function CodeStep(props: { logIn: LogIn }) {
  return (
    <Form logIn={props.logIn} action="Sign in">
      <Who logIn={props.logIn} />
      <Field
        first
        label="Code"
        name="code"
        autocomplete="one-time-code"
        maxLength={32}
        value={props.logIn.typed().code}
        onInput={(code) => props.logIn.type({ code })}
        hint="The six digits of your authenticator app, or one of your recovery codes."
      />
    </Form>
  )
}

function OrganisationStep(props: { logIn: LogIn }) {
  return (
    <Form logIn={props.logIn} action="Sign in">
      <Who logIn={props.logIn} />
      <Field
        first
        label="Organisation"
        name="organisation"
        autocomplete="organization"
        maxLength={64}
        value={props.logIn.typed().orgId}
        onInput={(orgId) => props.logIn.type({ orgId })}
        hint={`The id of one of yours: ${props.logIn.choices().join(' or ')}. You can sign in to the others afterwards.`}
      />
    </Form>
  )
}
