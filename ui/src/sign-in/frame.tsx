/** The quiet page around everything about sign-in: one card, one heading, the name of the product. */
import type { JSX } from 'solid-js'

export function Frame(props: { heading: string; children: JSX.Element }) {
  document.title = `${props.heading} · Ecomind`
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
