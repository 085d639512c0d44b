/** No event yet: the one command that sends the first, and a page that watches for it. */
import { createSignal, For, Show } from 'solid-js'
import { signInNeeded } from '../sign-in/installation.ts'
import { edgeUrl, firstEventCommand } from './first-event-command.ts'
import { CheckIcon } from './icons.tsx'
import { usePage } from './page-context.ts'

/** The clipboard works on secure pages only; elsewhere the text is selected for copying by hand. */
async function copy(text: string, element: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    getSelection()?.selectAllChildren(element)
    return false
  }
}

export function EmptyState() {
  const { view } = usePage()
  const [copied, setCopied] = createSignal<'no' | 'yes' | 'selected'>('no')
  let code: HTMLElement | undefined
  const needsKey = signInNeeded()
  const parts = firstEventCommand(edgeUrl(document, location), view.orgId(), new Date(), needsKey)
  const command = parts.join(' ')

  const onCopy = async () => {
    if (code === undefined) return
    setCopied((await copy(command, code)) ? 'yes' : 'selected')
  }

  return (
    <section aria-labelledby="empty-heading" class="mx-auto mt-10 max-w-3xl">
      <h2 id="empty-heading" class="text-2xl font-semibold tracking-tight">
        Send the first call
      </h2>
      <p class="mt-2 text-muted">
        Paste this into a terminal. It reports one call of 150 tokens; its energy, water and carbon appear here within
        seconds.
        <Show when={needsKey}>
          {' '}
          <code>ECOMIND_KEY</code> stands for an ingest key of {view.orgId()}, which an owner or administrator makes.
        </Show>
      </p>
      <section class="snippet mt-4" tabindex="0" aria-label="Command that sends the first call">
        <pre>
          <code ref={code} data-testid="first-event-command">
            <For each={parts}>
              {(part, index) => (
                <>
                  {index() === 0 ? '' : ' '}
                  <span class="snippet-part">{part}</span>
                </>
              )}
            </For>
          </code>
        </pre>
      </section>
      <div class="mt-3 flex flex-wrap items-center gap-4">
        <button type="button" class="button button-strong" onClick={() => void onCopy()}>
          Copy the command
        </button>
        <span role="status" class="flex items-center gap-1 text-sm">
          <Show when={copied() === 'yes'}>
            <CheckIcon /> Copied
          </Show>
          <Show when={copied() === 'selected'}>The command is selected: copy it with your keyboard</Show>
        </span>
      </div>
      <p class="waiting" role="status">
        <span class="live-dot" aria-hidden="true" /> Waiting for the first event…
      </p>
      <p class="mt-6 text-sm text-muted">
        <Show when={!needsKey}>
          Or fill the page with 30 days of labelled sample calls: <code>npm run sample-data</code>.{' '}
        </Show>
        Only metadata is ever taken; a body with a prompt in it is refused. More in the{' '}
        <a class="link" href="/docs">
          API documentation
        </a>
        .
      </p>
    </section>
  )
}
