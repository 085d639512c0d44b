/** Where the numbers come from, with year and licence; numbered as they are marked in the steps. */
import type { Source } from '@ecomind/schemas'
import { For, Show } from 'solid-js'

/** Only web addresses become links, whatever a factor file may hold. */
function safeUrl(url: string | undefined): string | undefined {
  return url !== undefined && /^https?:\/\//i.test(url) ? url : undefined
}

export function SourceList(props: { sources: readonly Source[] }) {
  return (
    <ol class="flex flex-col gap-2">
      <For each={props.sources}>
        {(source, index) => (
          <li class="source" id={`source-${index() + 1}`} tabindex="-1">
            <span class="source-number">{index() + 1}</span>
            <span class="min-w-0">
              <Show when={safeUrl(source.url)} fallback={<span class="break-words">{source.title}</span>}>
                {(url) => (
                  <a class="link break-words" href={url()} target="_blank" rel="noreferrer">
                    {source.title}
                    <span class="sr-only"> (opens in a new tab)</span>
                  </a>
                )}
              </Show>
              <span class="block text-sm text-muted">
                {source.year}, licence {source.licence}, <code>{source.id}</code>
              </span>
            </span>
          </li>
        )}
      </For>
    </ol>
  )
}
