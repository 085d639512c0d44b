/**
 * How well the calls behind the totals are known: grade, and the shares measured, estimated and unknown. Not how well
 * the energy of a model is known: for that each factor has its tier, which the explanation shows.
 */
import type { Numbers } from '@ecomind/schemas'
import { For } from 'solid-js'
import { count, countShort, percent } from '../numbers/quantity.ts'
import { GRADE_HINT } from './status-badge.tsx'

const KINDS = ['measured', 'estimated', 'unknown'] as const

const KIND_HINT: Readonly<Record<(typeof KINDS)[number], string>> = {
  measured: 'The provider counted the tokens, the model is known and the region was declared; energy is computed',
  estimated: 'Tokens were estimated, the region was inferred or the model was guessed by its class',
  unknown: 'No factor covers the model or the region; the range is very wide',
}

export function QualityStrip(props: { totals: Numbers }) {
  const quality = () => props.totals.quality
  return (
    <dl class="quality-strip">
      <div title={GRADE_HINT}>
        <dt>Input data</dt>
        <dd class="font-semibold">{quality().grade === 'none' ? 'no calls' : `Grade ${quality().grade}`}</dd>
      </div>
      <For each={KINDS}>
        {(kind) => (
          <div title={KIND_HINT[kind]}>
            <dt>
              <span class="swatch" data-kind={kind} aria-hidden="true" /> {kind}
            </dt>
            <dd>{percent(quality()[kind])}</dd>
          </div>
        )}
      </For>
      <div>
        <dt>Calls</dt>
        <dd>{count(props.totals.calls)}</dd>
      </div>
      <div>
        <dt>Tokens in</dt>
        <dd title={count(props.totals.tokens_in)}>{countShort(props.totals.tokens_in)}</dd>
      </div>
      <div>
        <dt>Tokens out</dt>
        <dd title={count(props.totals.tokens_out)}>{countShort(props.totals.tokens_out)}</dd>
      </div>
    </dl>
  )
}
