/** One step: what it computes, its formula, the inputs with low, central and high, and the result. */
import type { ExplainStep, Source } from '@ecomind/schemas'
import { createUniqueId, For, Show } from 'solid-js'

/** More digits than on the cards: whoever reads this wants to compute it again. */
const DIGITS = 4

interface RangeLike {
  readonly low: number
  readonly central: number
  readonly high: number
}

function isExact(range: RangeLike): boolean {
  return range.low === range.central && range.high === range.central
}

/** Small numbers in a form that is short and can be pasted into a calculator; integers in full. */
function numberText(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-3 || size >= 1e15)) return value.toExponential(DIGITS - 1)
  if (Number.isInteger(value)) return value.toLocaleString('en')
  return value.toLocaleString('en', { maximumSignificantDigits: DIGITS })
}

function SourceMarks(props: { ids: readonly string[]; sources: readonly Source[] }) {
  const numberOf = (id: string) => props.sources.findIndex((source) => source.id === id) + 1
  return (
    <For each={props.ids.filter((id) => numberOf(id) > 0)}>
      {(id) => (
        <a class="source-mark" href={`#source-${numberOf(id)}`}>
          <span class="sr-only">Source </span>
          {numberOf(id)}
        </a>
      )}
    </For>
  )
}

/** Low, central and high; one number where all three are the same. */
function RangeCells(props: { range: RangeLike }) {
  return (
    <Show
      when={!isExact(props.range)}
      fallback={
        <>
          <td />
          <td class="number">{numberText(props.range.central)}</td>
          <td class="number font-normal text-muted">exact</td>
        </>
      }
    >
      <td class="number">{numberText(props.range.low)}</td>
      <td class="number">{numberText(props.range.central)}</td>
      <td class="number">{numberText(props.range.high)}</td>
    </Show>
  )
}

export interface StepCardProps {
  readonly step: ExplainStep
  readonly number: number
  readonly sources: readonly Source[]
}

export function StepCard(props: StepCardProps) {
  const headingId = createUniqueId()
  return (
    <li class="step" aria-labelledby={headingId}>
      <h4 id={headingId} class="font-medium">
        <span class="text-muted">{props.number}.</span> {props.step.label}
      </h4>
      <p class="formula">
        <span class="sr-only">Formula: </span>
        <code>{props.step.formula}</code>
      </p>
      <table class="table inputs">
        <caption class="sr-only">Inputs and result of {props.step.label}</caption>
        <thead>
          <tr>
            <th scope="col">Input</th>
            <th scope="col" class="number">
              Low
            </th>
            <th scope="col" class="number">
              Central
            </th>
            <th scope="col" class="number">
              High
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.step.inputs}>
            {(input) => (
              <tr>
                <th scope="row" class="font-normal">
                  <code>{input.name}</code> <SourceMarks ids={input.source_ids} sources={props.sources} />
                  <span class="block text-muted">{input.unit}</span>
                </th>
                <RangeCells range={input.value} />
              </tr>
            )}
          </For>
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">
              Result <span class="block font-normal text-muted">{props.step.unit}</span>
            </th>
            <RangeCells range={props.step.result} />
          </tr>
        </tfoot>
      </table>
    </li>
  )
}
