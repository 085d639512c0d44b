import { For } from 'solid-js'

export interface Fact {
  readonly name: string
  readonly value: string
}

/** Names and values in two columns. */
export function Facts(props: { facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      <For each={props.facts}>
        {(fact) => (
          <div>
            <dt>{fact.name}</dt>
            <dd>{fact.value}</dd>
          </div>
        )}
      </For>
    </dl>
  )
}
