/** docs/factors.md, made from the factor set: every number that is applied, with its range and its sources. */
import { fileURLToPath } from 'node:url'
import type { Definition, Quantity, TokenEnergy } from '@ecomind/footprint'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'

export const FACTORS_PAGE_FILE = fileURLToPath(new URL('../../docs/factors.md', import.meta.url))

type Rows = readonly (readonly string[])[]

export function factorsPage(): string {
  const { definition, id, checksum, methodVersion } = loadDefaultFactorSet()
  const { head, models, grids } = definition
  return `${[
    '# Factors: every number that is applied, and where it comes from',
    'Generated from `footprint/data/*.yaml` by `npm run generate -w docs`; don’t edit. How the numbers are used, fitted and checked: [methodology.md](methodology.md). Ranges are low / central / high (P5, P50, P95). Codes in brackets are [sources](#sources).',
    `Set \`${id}\`, method ${methodVersion}, released ${head.released_at}, GWP ${head.gwp}, SHA-256 \`${checksum}\`. ${models.length} models, ${definition.providers.length} providers, ${grids.length} grids and cloud regions. The factors describe services and power grids; there is no personal data in them.`,
    ...(head.changelog === undefined ? [] : ['## Changes', head.changelog.map((line) => `- ${line}`).join('\n')]),
    '## Classes',
    'Wh of the class’s boundary per 1,000 tokens, and per call. A model without a measurement of its own has the energy of its class.',
    table(
      ['class', 'boundary', 'out', 'in', 'cache read', 'cache write', 'per call', 'in squared', 'sources'],
      classRows(definition),
    ),
    '## Models',
    'Evidence tier: A disclosed by the provider, B measured by others, C modelled from a disclosed size, D modelled from a class, E guessed. Sizes are total / active parameters in billions.',
    table(
      ['model', 'maker', 'class', 'reasons', 'tier', 'size', 'own Wh per 1,000 out', 'evidence'],
      modelRows(definition),
    ),
    '## Providers',
    table(
      ['provider', 'default grid', 'PUE', 'water on-site L/kWh IT', 'hardware g/kWh IT', 'market-based g/kWh'],
      providerRows(definition),
    ),
    '## Grids',
    'g CO2e per kWh, location-based; litres of off-site water per kWh.',
    table(['grid', 'name', 'parent', 'year', 'basis', 'g/kWh', 'water L/kWh'], gridRows(definition)),
    '## Cloud regions',
    'A region has the electricity and the water of its grid, and a site of its own. `fleet`: the operator publishes no figure for the region.',
    table(['region', 'grid', 'PUE', 'water on-site L/kWh IT', 'basis', 'market-based g/kWh'], siteRows(definition)),
    '## Sources',
    table(['source', 'title', 'year', 'licence', 'note'], sourceRows(definition)),
  ].join('\n\n')}\n`
}

const table = (head: readonly string[], rows: Rows): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n')
const cell = (text: string): string => text.replace(/\s+/g, ' ').replaceAll('|', '\\|')

const number = (value: number): string =>
  value.toLocaleString('en', { maximumSignificantDigits: 3, useGrouping: false })
const range = ({ low, central, high }: Omit<Quantity, 'sources'>): string =>
  low === high ? number(central) : `${number(low)} / ${number(central)} / ${number(high)}`
const cited = (q: Quantity | undefined): string => (q === undefined ? '' : `${range(q)} [${q.sources.join(', ')}]`)

function classRows({ classes, unknown_model }: Definition): Rows {
  const row = (name: string, e: TokenEnergy): string[] => [
    name,
    e.boundary,
    ...[e.wh_per_1k_out, e.wh_per_1k_in, e.wh_per_1k_cache_read, e.wh_per_1k_cache_write, e.base_wh].map(range),
    range(e.wh_per_1k_in_squared),
    [...new Set([e.wh_per_1k_out, e.wh_per_1k_in, e.wh_per_1k_cache_read, e.base_wh].flatMap((q) => q.sources))].join(
      ', ',
    ),
  ]
  return [...classes.map((c) => row(c.id, c.energy)), row('unknown model', unknown_model)]
}

function modelRows({ models }: Definition): Rows {
  return models.map((m) => {
    const { params_total_b: total, params_active_b: active } = m.architecture ?? {}
    const energy = m.energy?.form === 'tokens' ? m.energy.wh_per_1k_out : m.energy?.kwh_per_call
    return [
      `${m.id}`,
      m.vendor,
      m.class,
      m.reasoning ?? 'never',
      m.tier,
      [total, active]
        .map((q) => (q === undefined ? '-' : range(q)))
        .join(' / ')
        .replace(/^- \/ -$/, 'not disclosed'),
      cited(energy),
      m.evidence === undefined ? '' : `${m.evidence.method} [${m.evidence.sources.join(', ')}]`,
    ]
  })
}

const providerRows = ({ providers }: Definition): Rows =>
  providers.map((p) => [
    p.id,
    p.default_grid,
    cited(p.pue),
    `${cited(p.wue_onsite_l_per_kwh_it)}, ${p.wue_basis}`,
    cited(p.embodied_g_per_kwh_it),
    p.market === undefined ? '' : `${cited(p.market.g_per_kwh_market)}, ${p.market.instrument}`,
  ])

const gridRows = ({ grids }: Definition): Rows =>
  grids
    .filter((g) => g.site === undefined)
    .map((g) => [
      g.id,
      g.name,
      g.parent ?? '',
      String(g.year),
      g.basis,
      cited(g.g_per_kwh),
      cited(g.water_offsite_l_per_kwh),
    ])

const siteRows = ({ grids }: Definition): Rows =>
  grids.flatMap((g) => {
    if (g.site === undefined) return []
    const { pue, pue_of, wue_onsite_l_per_kwh_it, wue_of, wue_basis } = g.site
    return [
      [
        g.id,
        g.parent ?? '',
        `${cited(pue)} ${pue_of}`,
        `${cited(wue_onsite_l_per_kwh_it)} ${wue_of}`,
        wue_basis,
        g.market === undefined ? '' : `${cited(g.market.g_per_kwh_market)}, ${g.market.instrument}`,
      ],
    ]
  })

const sourceRows = ({ sources }: Definition): Rows =>
  sources.map((s) => [
    s.id,
    s.url === undefined ? s.title : `[${s.title}](${s.url})`,
    String(s.year),
    s.licence,
    s.note ?? '',
  ])
