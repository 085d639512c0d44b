/** The dashboard of somebody who is signed in: asks who they are, which organisation they look at and what they may see. */
import { useQuery } from '@tanstack/solid-query'
import { createMemo, Match, Switch } from 'solid-js'
import { asApiError } from '../api/api-error.ts'
import { Dashboard } from '../page/dashboard.tsx'
import { PanelError } from '../page/panel.tsx'
import { createView } from '../view/view-state.ts'
import { accessOf } from './access.ts'
import { NotAllowed, NotMember } from './not-allowed.tsx'
import { type Me, meQuestion, SessionContext } from './session.ts'

export function SignedIn() {
  const me = useQuery(() => meQuestion())
  return (
    <Switch>
      <Match when={me.data}>{(known) => <Member me={known()} />}</Match>
      <Match when={me.isError && asApiError(me.error).status !== 401}>
        <main class="mx-auto max-w-lg p-6">
          <PanelError
            error={me.error}
            what="Your dashboard"
            onRetry={() => void me.refetch()}
            retrying={me.isFetching}
          />
        </main>
      </Match>
    </Switch>
  )
}

/** Without a choice in the URL it is the organisation that was signed in to first. */
function Member(props: { me: Me }) {
  const view = createView(() => props.me.organisations[0]?.org_id ?? '')
  const organisations = () => props.me.organisations
  const membership = createMemo(() => organisations().find((m) => m.org_id === view.orgId()))
  return (
    <Switch>
      <Match when={membership() === undefined}>
        <NotMember orgId={view.orgId()} organisations={organisations()} />
      </Match>
      <Match when={membership()}>
        {(present) => (
          <SessionContext.Provider value={{ organisations, membership: present }}>
            <Switch>
              <Match when={accessOf(present()).may('usage:read')}>
                <Dashboard view={view} access={() => accessOf(present())} />
              </Match>
              <Match when={true}>
                <NotAllowed right="usage:read" membership={present()} organisations={organisations()} />
              </Match>
            </Switch>
          </SessionContext.Provider>
        )}
      </Match>
    </Switch>
  )
}
