/** A row of exclusive choices: native radio buttons under the paint, so arrow keys and screen readers work by themselves. */
import { createUniqueId, For, type JSX } from 'solid-js'

export interface Choice<T extends string> {
  readonly value: T
  readonly label: string
  /** Shown instead of the label, which stays for screen readers. */
  readonly icon?: JSX.Element
}

export interface SegmentedProps<T extends string> {
  readonly legend: string
  readonly choices: readonly Choice<T>[]
  readonly value: T
  readonly onChoose: (value: T) => void
}

export function Segmented<T extends string>(props: SegmentedProps<T>) {
  const name = createUniqueId()
  return (
    <fieldset class="segmented">
      <legend class="sr-only">{props.legend}</legend>
      <For each={props.choices}>
        {(choice) => (
          <label class="segment" title={choice.icon === undefined ? undefined : choice.label}>
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={props.value === choice.value}
              onChange={() => props.onChoose(choice.value)}
            />
            {choice.icon}
            <span classList={{ 'sr-only': choice.icon !== undefined }}>{choice.label}</span>
          </label>
        )}
      </For>
    </fieldset>
  )
}
