/** The drawer that takes a number apart, down to its sources. What it shows is in the URL, so it can be shared and closed with Back. */
import { Dialog } from '@kobalte/core/dialog'
import { createEffect, on, onCleanup, Show } from 'solid-js'
import { ArrowLeftIcon, CrossIcon } from '../page/icons.tsx'
import { usePage } from '../page/page-context.ts'
import { EventExplanation } from './event-explanation.tsx'
import { TotalExplanation } from './total-explanation.tsx'

export function ExplainDrawer() {
  const { view } = usePage()
  const eventId = () => {
    const explained = view.chosen().explained
    return explained?.kind === 'event' ? explained.eventId : undefined
  }
  // The drawer is taken off the page at once when the URL changes, so it gives the focus back by itself.
  const opener = document.activeElement
  onCleanup(() =>
    requestAnimationFrame(() => {
      const focusIsLost = document.activeElement === null || document.activeElement === document.body
      if (focusIsLost && opener instanceof HTMLElement && opener.isConnected) opener.focus()
    }),
  )

  // Going from the totals to one call removes the button that was pressed; the title takes the focus then.
  let titleElement: HTMLHeadingElement | undefined
  let body: HTMLDivElement | undefined
  createEffect(
    on(
      eventId,
      () => {
        body?.scrollTo(0, 0)
        titleElement?.focus()
      },
      { defer: true },
    ),
  )
  const title = () => (eventId() === undefined ? 'How these totals are built' : 'How this call’s numbers came about')
  return (
    <Dialog open onOpenChange={(open) => !open && view.choose({ explained: undefined })}>
      <Dialog.Portal>
        <Dialog.Overlay class="drawer-overlay" />
        <Dialog.Content class="drawer">
          <div class="drawer-head">
            <Dialog.Title ref={titleElement} tabIndex={-1} class="text-lg font-semibold outline-none">
              {title()}
            </Dialog.Title>
            <Dialog.CloseButton class="icon-button" aria-label="Close the explanation">
              <CrossIcon />
            </Dialog.CloseButton>
          </div>
          <div class="drawer-body" ref={body}>
            <Show when={eventId()} fallback={<TotalExplanation />} keyed>
              {(id) => (
                <>
                  <button
                    type="button"
                    class="quiet-button -ml-2 mb-2"
                    onClick={() => view.choose({ explained: { kind: 'total' } })}
                  >
                    <ArrowLeftIcon /> How the totals are built
                  </button>
                  <EventExplanation eventId={id} />
                </>
              )}
            </Show>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog>
  )
}
