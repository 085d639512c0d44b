/** One way on for each identity provider: real links, because they leave the page. */
import { For, Show } from 'solid-js'
import { providerStart } from './addresses.ts'
import type { Provider } from './sign-in-methods.ts'

export function ProviderLinks(props: { providers: readonly Provider[]; returnTo: string; strong: boolean }) {
  return (
    <Show when={props.providers.length > 0}>
      <ul class="flex flex-col gap-2">
        <For each={props.providers}>
          {(provider) => (
            <li>
              <a
                class="button button-wide"
                classList={{ 'button-strong': props.strong }}
                href={providerStart(provider, props.returnTo)}
              >
                <span class="truncate">Continue with {provider.name}</span>
              </a>
            </li>
          )}
        </For>
      </ul>
    </Show>
  )
}
