/** The mock's footprint of one call and its explanation, from the same few terms, so that the drawer's numbers agree with the list's. */
import type { EventItem, ExplainAnswer, ExplainStep } from '@ecomind/schemas'
import { gridOf, type MockGrid, type MockModel } from './catalogue.ts'

const PUE = 1.2
const ONSITE_LITRES_PER_IT_KWH = 0.5
const EMBODIED_KG_PER_IT_KWH = 0.045
/** Low and high of a known model relative to its central value, and of an unknown one. */
const SPREAD = { known: { low: 0.45, high: 2.3 }, unknown: { low: 0.12, high: 7.5 } } as const

export interface MockFootprint {
  readonly itKwh: number
  readonly kwh: number
  readonly waterOnsiteL: number
  readonly waterOffsiteL: number
  readonly co2UseKg: number
  readonly co2EmbodiedKg: number
}

export function footprintOf(model: MockModel, grid: MockGrid, tokensIn: number, tokensOut: number): MockFootprint {
  const itKwh = (tokensIn * model.whPerKiloTokenIn + tokensOut * model.whPerKiloTokenOut) / 1e6
  const kwh = itKwh * PUE
  return {
    itKwh,
    kwh,
    waterOnsiteL: itKwh * ONSITE_LITRES_PER_IT_KWH,
    waterOffsiteL: kwh * grid.offsiteLitresPerKwh,
    co2UseKg: (kwh * grid.gramsPerKwh) / 1000,
    co2EmbodiedKg: itKwh * EMBODIED_KG_PER_IT_KWH,
  }
}

/** The fields of an event's row that carry its footprint. */
export function footprintFields(footprint: MockFootprint, known: boolean) {
  const { low, high } = known ? SPREAD.known : SPREAD.unknown
  const waterL = footprint.waterOnsiteL + footprint.waterOffsiteL
  const co2Kg = footprint.co2UseKg + footprint.co2EmbodiedKg
  return {
    kwh: footprint.kwh,
    kwh_low: footprint.kwh * low,
    kwh_high: footprint.kwh * high,
    water_l: waterL,
    water_l_low: waterL * low,
    water_l_high: waterL * high,
    water_l_onsite: footprint.waterOnsiteL,
    water_l_offsite: footprint.waterOffsiteL,
    co2_kg: co2Kg,
    co2_kg_low: co2Kg * low,
    co2_kg_high: co2Kg * high,
    co2_kg_use: footprint.co2UseKg,
    co2_kg_embodied: footprint.co2EmbodiedKg,
  }
}

type Input = ExplainStep['inputs'][number]

function exact(name: string, unit: string, value: number, sourceIds: string[] = []): Input {
  return { name, unit, value: { low: value, central: value, high: value }, source_ids: sourceIds }
}

function spread(name: string, unit: string, value: number, low: number, high: number, sourceIds: string[] = []): Input {
  return { name, unit, value: { low: value * low, central: value, high: value * high }, source_ids: sourceIds }
}

function steps(event: EventItem, model: MockModel, grid: MockGrid): ExplainStep[] {
  const { low, high } = model.known ? SPREAD.known : SPREAD.unknown
  const f = footprintOf(model, grid, event.tokens_in, event.tokens_out)
  const ranged = (value: number) => ({ low: value * low, central: value, high: value * high })
  const it = spread('it_kwh', 'kWh', f.itKwh, low, high)
  const facility = spread('kwh', 'kWh', f.kwh, low, high)
  return [
    {
      id: 'it_energy',
      label: 'Energy of the servers',
      formula: 'it_kwh = (tokens_in × in_wh + tokens_out × out_wh) / 1,000,000',
      inputs: [
        exact('tokens_in', 'tokens', event.tokens_in),
        exact('tokens_out', 'tokens', event.tokens_out),
        spread('in_wh', 'Wh per 1,000 tokens', model.whPerKiloTokenIn, low, high, ['mock-paper-a']),
        spread('out_wh', 'Wh per 1,000 tokens', model.whPerKiloTokenOut, low, high, ['mock-paper-a', 'mock-paper-b']),
      ],
      result: ranged(f.itKwh),
      unit: 'kWh',
    },
    {
      id: 'facility_energy',
      label: 'Energy at the meter of the data centre',
      formula: 'kwh = it_kwh × pue',
      inputs: [it, spread('pue', 'ratio', PUE, 0.92, 1.15, ['mock-report-c'])],
      result: ranged(f.kwh),
      unit: 'kWh',
    },
    {
      id: 'water',
      label: 'Water on site and at power plants',
      formula: 'water_l = it_kwh × wue_onsite + kwh × wue_offsite',
      inputs: [
        it,
        spread('wue_onsite', 'L per IT kWh', ONSITE_LITRES_PER_IT_KWH, 0.3, 2, ['mock-report-c']),
        facility,
        spread('wue_offsite', 'L per kWh', grid.offsiteLitresPerKwh, 0.5, 1.9, ['mock-paper-b']),
      ],
      result: ranged(event.water_l),
      unit: 'L',
    },
    {
      id: 'co2',
      label: 'Carbon of electricity and hardware',
      formula: 'co2_kg = kwh × grid_g / 1,000 + it_kwh × embodied',
      inputs: [
        facility,
        spread('grid_g', 'g CO2e per kWh', grid.gramsPerKwh, 0.85, 1.2, ['mock-grid-d']),
        it,
        spread('embodied', 'kg CO2e per IT kWh', EMBODIED_KG_PER_IT_KWH, 0.4, 2.4, ['mock-paper-a']),
      ],
      result: ranged(event.co2_kg),
      unit: 'kg CO2e',
    },
  ]
}

const SOURCES: ExplainAnswer['sources'] = [
  {
    id: 'mock-paper-a',
    title: 'A made-up paper on inference energy (mock)',
    url: 'https://example.org/paper-a',
    year: 2025,
    licence: 'CC BY 4.0',
  },
  {
    id: 'mock-paper-b',
    title: 'A made-up paper on water (mock)',
    url: 'https://example.org/paper-b',
    year: 2024,
    licence: 'CC BY 4.0',
  },
  {
    id: 'mock-report-c',
    title: 'A made-up environmental report without a link (mock)',
    year: 2025,
    licence: 'fair quotation',
  },
  {
    id: 'mock-grid-d',
    title: 'Made-up grid intensities (mock)',
    url: 'https://example.org/grids',
    year: 2024,
    licence: 'CC BY-SA 4.0',
  },
]

function flagsOf(event: EventItem, model: MockModel): ExplainAnswer['flags'] {
  return [
    ...(event.region_inferred
      ? [
          {
            code: 'region_inferred',
            message: 'No region was declared; the default serving region of the provider was used',
          },
        ]
      : []),
    ...(model.known
      ? []
      : [{ code: 'model_unknown', message: 'No factor covers this model; a very wide range was used' }]),
    ...(event.tokens_source === 'estimate'
      ? [{ code: 'tokens_estimated', message: 'The token counts are estimates of the client' }]
      : []),
  ]
}

export function explanationOf(event: EventItem, model: MockModel): ExplainAnswer {
  const grid = gridOf(event.grid_id)
  return {
    event,
    factor_set: event.factor_set,
    method_version: 'mock-1',
    factor: {
      id: event.factor_id,
      match: model.known ? 'exact' : 'unknown',
      class: 'large',
      tier: model.known ? 'modelled' : 'default',
      ...(model.known ? {} : { note: 'An unknown model gets the widest range, never zero' }),
    },
    grid: {
      id: grid.id,
      match: event.region_inferred ? 'inferred' : 'exact',
      name: grid.name,
      year: 2024,
      basis: 'location-based, life cycle',
    },
    steps: steps(event, model, grid),
    sources: SOURCES,
    flags: flagsOf(event, model),
    reproduced: true,
  }
}
