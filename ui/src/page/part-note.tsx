/** Totals of a part must not be read as those of the whole: says whose calls are counted, to who doesn't see all. */
import { Show } from 'solid-js'
import { organisationName, partOf } from '../sign-in/access.ts'
import { useSession } from '../sign-in/session.ts'
import { usePage } from './page-context.ts'

export function PartNote() {
  const { access } = usePage()
  const membership = useSession()?.membership
  return (
    <Show when={!access().seesAll('usage:read') && membership}>
      {(present) => (
        <p class="note mb-4" data-tone="warning">
          These are {partOf(present()())}, not all of {organisationName(present()())}.
        </p>
      )}
    </Show>
  )
}
