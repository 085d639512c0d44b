/** Who is signed in: the organisations of this browser, and the ways out. Loaded only where people sign in. */
import { DropdownMenu } from '@kobalte/core/dropdown-menu'
import { createSignal, For, Show } from 'solid-js'
import { asApiError } from '../api/api-error.ts'
import { organisationName, roleText } from '../sign-in/access.ts'
import { presentView, signInAddress } from '../sign-in/addresses.ts'
import { type Session, useSignOut } from '../sign-in/session.ts'
import { CheckIcon, ChevronIcon, PersonIcon } from './icons.tsx'
import { usePage } from './page-context.ts'

export function AccountMenu(props: { session: Session }) {
  const { view } = usePage()
  const signOut = useSignOut()
  const [fault, setFault] = createSignal('')
  const present = () => props.session.membership()
  const several = () => props.session.organisations().length > 1
  const person = () => present().display_name ?? present().email ?? 'Signed in'
  const roles = () => present().roles.map(roleText).join(', ') || 'no role'
  const attempt = (work: () => Promise<void>) => {
    setFault('')
    work().catch((error: unknown) => setFault(asApiError(error).message))
  }
  /** Filters and the drawer are about the organisation that is left; period, unit and zone go along. */
  const switchTo = (orgId: string) => view.choose({ orgId, filters: [], explained: undefined })
  return (
    <>
      <DropdownMenu modal={false} gutter={6} placement="bottom-end">
        <DropdownMenu.Trigger class="account-button" aria-label={`Account of ${person()}`}>
          <PersonIcon />
          <span class="account-name">{person()}</span>
          <ChevronIcon class="size-3.5 shrink-0" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content class="menu">
            <div class="menu-head">
              <p class="truncate font-medium">{person()}</p>
              <Show when={present().email}>{(email) => <p class="truncate text-muted">{email()}</p>}</Show>
              <p class="text-muted">
                {roles()} in {organisationName(present())}
              </p>
            </div>
            <DropdownMenu.Separator class="menu-line" />
            <Show when={several()}>
              <DropdownMenu.RadioGroup value={view.orgId()} onChange={switchTo}>
                <DropdownMenu.GroupLabel class="menu-label">Organisation</DropdownMenu.GroupLabel>
                <For each={props.session.organisations()}>
                  {(m) => (
                    <DropdownMenu.RadioItem class="menu-item" value={m.org_id} closeOnSelect>
                      <span class="menu-mark">
                        <DropdownMenu.ItemIndicator>
                          <CheckIcon />
                        </DropdownMenu.ItemIndicator>
                      </span>
                      <span class="min-w-0 truncate">{organisationName(m)}</span>
                    </DropdownMenu.RadioItem>
                  )}
                </For>
              </DropdownMenu.RadioGroup>
            </Show>
            <DropdownMenu.Item
              class="menu-item"
              onSelect={() => location.assign(signInAddress({ returnTo: presentView(), arrival: 'another' }))}
            >
              <span class="menu-mark" />
              Sign in to another organisation
            </DropdownMenu.Item>
            <DropdownMenu.Separator class="menu-line" />
            <Show when={several()}>
              <DropdownMenu.Item
                class="menu-item"
                onSelect={() => attempt(() => signOut.ofOrganisation(present().org_id))}
              >
                <span class="menu-mark" />
                <span class="min-w-0 truncate">Sign out of {organisationName(present())}</span>
              </DropdownMenu.Item>
            </Show>
            <DropdownMenu.Item class="menu-item" onSelect={() => attempt(signOut.ofThisBrowser)}>
              <span class="menu-mark" />
              {several() ? 'Sign out of all organisations' : 'Sign out'}
            </DropdownMenu.Item>
            <DropdownMenu.Item class="menu-item" onSelect={() => attempt(signOut.everywhere)}>
              <span class="menu-mark" />
              Sign out on all devices
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu>
      <Show when={fault() !== ''}>
        <p role="alert" class="w-full text-right text-sm text-danger">
          You are still signed in: {fault()}
        </p>
      </Show>
    </>
  )
}
