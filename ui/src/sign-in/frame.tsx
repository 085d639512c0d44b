/** The quiet page around everything about sign-in: one card, one heading, the name of the product. */
import { createEffect, type JSX, onCleanup } from 'solid-js'

const TITLE = 'Ecomind'

export function Frame(props: { heading: string; children: JSX.Element }) {
  createEffect(() => {
    document.title = `${props.heading} · ${TITLE}`
  })
  onCleanup(() => {
    document.title = TITLE
  })
  return (
    <div class="frame">
      <header class="flex items-center gap-3">
        <img src="/favicon.svg" alt="" width="32" height="32" />
        <span class="text-xl font-semibold tracking-tight">Ecomind</span>
      </header>
      <main class="frame-card">
        <h1 class="text-2xl font-semibold tracking-tight">{props.heading}</h1>
        {props.children}
      </main>
      <footer class="text-center text-sm text-muted">
        What your AI use costs in energy, water and carbon. Metadata only: never prompts or answers.
      </footer>
    </div>
  )
}
