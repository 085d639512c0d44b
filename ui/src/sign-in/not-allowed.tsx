/** Someone is signed in and may not see what they asked for: what is missing, whom to ask, and where else to go. */
import { For, type JSX, Show } from 'solid-js'
import { type Membership, organisationName, type Right, roleText } from './access.ts'
import { presentView, signInAddress } from './addresses.ts'
import { Frame } from './frame.tsx'
import { SignOutButton } from './sign-out-button.tsx'

/** What a right lets one do, and the roles that have it. */
const RIGHT_TEXT: Readonly<Record<Right, { readonly does: string; readonly roles: string }>> = {
  'usage:read': { does: 'see the totals of its AI use', roles: 'owner, admin, analyst, viewer, auditor or billing' },
  'events:read': { does: 'see single calls', roles: 'owner, admin, analyst or auditor' },
  'people:read': { does: 'see who made the calls', roles: 'owner, admin, analyst or auditor' },
}

export interface NotAllowedProps {
  readonly right: Right
  readonly membership: Membership
  readonly organisations: readonly Membership[]
}

export function NotAllowed(props: NotAllowedProps) {
  const name = () => organisationName(props.membership)
  const roles = () => props.membership.roles.map(roleText).join(', ')
  return (
    <Frame heading="You may not see this yet">
      <p class="mt-2">
        You are signed in to <strong>{name()}</strong>, but not allowed to {RIGHT_TEXT[props.right].does}.
      </p>
      <dl class="facts mt-4">
        <Fact name="What is missing">
          The right <code>{props.right}</code>. These roles have it: {RIGHT_TEXT[props.right].roles}.
        </Fact>
        <Fact name="Whom to ask">An owner or administrator of {name()}. They give roles to people and groups.</Fact>
        <Fact name="You are">{props.membership.email ?? 'signed in without an e-mail'}</Fact>
        <Fact name="Your roles">{roles() === '' ? 'none' : roles()}</Fact>
      </dl>
      <Elsewhere organisations={props.organisations.filter((m) => m.org_id !== props.membership.org_id)} />
      <div class="mt-6 flex flex-wrap gap-3">
        <button type="button" class="button button-strong" onClick={() => location.reload()}>
          Try again
        </button>
        <SignOutButton />
      </div>
    </Frame>
  )
}

/** The address names an organisation that this browser isn't signed in to; whether it exists is nobody's business. */
export function NotMember(props: { orgId: string; organisations: readonly Membership[] }) {
  return (
    <Frame heading="Not signed in to this organisation">
      <p class="mt-2">
        This address is about the organisation <strong>{props.orgId}</strong>. You are not signed in to it in this
        browser. If you belong to it, sign in to it as well; if not, ask the person who sent you the link, or an owner
        or administrator of that organisation, to invite you.
      </p>
      <Elsewhere organisations={props.organisations} />
      <div class="mt-6 flex flex-wrap gap-3">
        <a class="button button-strong" href={signInAddress({ returnTo: presentView(), arrival: 'another' })}>
          Sign in to it
        </a>
        <SignOutButton />
      </div>
    </Frame>
  )
}

function Fact(props: { name: string; children: JSX.Element }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  )
}

function Elsewhere(props: { organisations: readonly Membership[] }) {
  return (
    <Show when={props.organisations.length > 0}>
      <h2 class="mt-6 text-sm font-medium">You are signed in to</h2>
      <ul class="mt-2 flex flex-col gap-2">
        <For each={props.organisations}>
          {(m) => (
            <li>
              <a class="choice" href={`/?org_id=${encodeURIComponent(m.org_id)}`}>
                <span class="truncate font-medium">{organisationName(m)}</span>
                <span class="truncate text-sm text-muted">{m.email}</span>
              </a>
            </li>
          )}
        </For>
      </ul>
    </Show>
  )
}
