/** One call for people, with --explain down to the sources, and as JSON. */
import { explain, type FactorSet, type Range } from '@ecomind/footprint'
import type { Call } from './call.ts'
import type { ComputedCall } from './footprint-of-call.ts'
import { rangeText } from './quantity-text.ts'

export interface CallReport {
  readonly call: Call
  readonly computed: ComputedCall
  readonly set: FactorSet
}

export function callText(report: CallReport, withSteps: boolean): string {
  const { call, computed, set } = report
  const { factor, grid } = computed
  const { kwh, waterL, co2Kg } = computed.footprint
  const explained = explain(factor, grid, computed.activity, set.sources)
  const lines = [
    `${call.provider} / ${call.model}: ${call.tokens_in} tokens in, ${call.tokens_out} out`,
    '',
    `  energy  ${rangeText(kwh, 'kWh')}`,
    `  water   ${rangeText(waterL, 'L')}`,
    `  carbon  ${rangeText(co2Kg, 'kg CO2e')}`,
    '',
    `Factor  ${factor.factor.id} (${factor.kind} match, class ${factor.factor.class}, evidence tier ${factor.factor.tier})`,
    `Grid    ${grid.grid.id} (${grid.kind} match): ${grid.grid.name}, ${grid.grid.year}`,
    `Set     ${set.id}, method ${set.methodVersion}, sha256 ${set.checksum.slice(0, 16)}`,
    ...explained.flags.map((flag) => `Note    ${flag.message}`),
  ]
  if (withSteps) lines.push('', ...stepLines(explained))
  return `${lines.join('\n')}\n`
}

function stepLines({ steps, sources }: Pick<ReturnType<typeof explain>, 'steps' | 'sources'>): string[] {
  const lines = ['How it was computed (low, central, high)']
  for (const step of steps) {
    lines.push('', `${step.label}: ${triple(step.result)} ${step.unit}`, `  ${step.id} = ${step.formula}`)
    for (const input of step.inputs) {
      const cited = input.source_ids.length === 0 ? '' : `  [${input.source_ids.join(', ')}]`
      lines.push(`    ${input.name} = ${triple(input.value)} ${input.unit}${cited}`)
    }
  }
  lines.push('', 'Sources')
  for (const { id, title, year, licence, url } of sources) {
    lines.push(`  [${id}] ${title} (${year}). ${licence}${url === undefined ? '' : `. ${url}`}`)
  }
  return lines
}

const triple = ({ low, central, high }: Range): string =>
  low === central && central === high ? digits(central) : `${digits(low)}, ${digits(central)}, ${digits(high)}`
/** Six digits, never an exponent. */
const digits = (value: number): string =>
  value.toLocaleString('en', { maximumSignificantDigits: 6, useGrouping: false })

export function callJson({ call, computed, set }: CallReport): string {
  const { factor, grid, activity, footprint } = computed
  const explained = explain(factor, grid, activity, set.sources)
  const answer = {
    call,
    factor_set: { id: set.id, method_version: set.methodVersion, checksum: set.checksum },
    factor: explained.factor,
    grid: explained.grid,
    kwh: footprint.kwh,
    water_l: footprint.waterL,
    water_l_onsite: footprint.waterOnsiteL,
    water_l_offsite: footprint.waterOffsiteL,
    co2_kg: footprint.co2Kg,
    co2_kg_use: footprint.co2UseKg,
    co2_kg_embodied: footprint.co2EmbodiedKg,
    flags: explained.flags,
    steps: explained.steps,
    sources: explained.sources,
  }
  return `${JSON.stringify(answer, null, 2)}\n`
}
