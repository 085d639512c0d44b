/** The files of a small factor set for tests of the parser: every section once, with lines to point at. */
import type { FactorFileText } from './parse-factor-set.ts'

const FACTORS = `licence: CC-BY-4.0
set:
  name: tiny
  version: 1.0.0
  method_version: "2"
  released_at: "2026-01-01"
  gwp: AR6
  supersedes: 0.9.0
  changelog: [everything is new]
k_gpu_to_it: { low: 1.3, central: 1.58, high: 2.0, sources: [paper] }
hidden_reasoning_multiplier: { low: 2, central: 4, high: 15, sources: [paper] }
tier_multipliers:
  batch: { low: 0.5, central: 0.8, high: 1, sources: [paper] }
sources:
  - { id: paper, title: A paper, url: "https://example.org/paper", year: 2025, licence: CC-BY-4.0 }
  - { id: shared, title: A shared table, year: 2024, licence: CC-BY-SA-4.0, share_alike: true }
unknown_model: &energy
  form: tokens
  boundary: it
  base_wh: { low: 0.001, central: 0.002, high: 0.02, sources: [paper] }
  wh_per_1k_in: { low: 0.01, central: 0.1, high: 0.5, sources: [paper] }
  wh_per_1k_cache_read: { low: 0.001, central: 0.02, high: 0.1, sources: [paper] }
  wh_per_1k_cache_write: { low: 0.01, central: 0.1, high: 0.5, sources: [paper] }
  wh_per_1k_out: { low: 0.3, central: 1, high: 3, sources: [paper] }
  wh_per_1k_in_squared: { value: 0, sources: [paper] }
providers:
  - &site
    id: other
    name: An average data centre
    default_grid: WORLD
    default_grid_sources: [paper]
    pue: { low: 1.1, central: 1.25, high: 1.6, sources: [paper] }
    wue_onsite_l_per_kwh_it: { low: 0.1, central: 0.5, high: 2, sources: [paper] }
    wue_basis: mixed
    embodied_g_per_kwh_it: { low: 8, central: 45, high: 70, sources: [paper] }
  - id: openai
    name: OpenAI
    default_grid: US
    default_grid_sources: [paper]
    pue: { low: 1.12, central: 1.17, high: 1.3, sources: [paper] }
    wue_onsite_l_per_kwh_it: { low: 0.1, central: 0.5, high: 2, sources: [paper] }
    wue_basis: mixed
    embodied_g_per_kwh_it: { low: 8, central: 45, high: 70, sources: [paper] }
    market: { g_per_kwh_market: { value: 0, sources: [paper] }, instrument: certificates, year: 2025 }
classes:
  - id: large
    name: large
    rank: 1
    energy: *energy
  - id: image
    name: images
    purpose: image
    words: [image]
    energy: *energy
models:
  - id: gpt-4o
    name: GPT-4o
    vendor: openai
    class: large
    tier: D
    disclosed: false
    served_by: [openai]
    reasoning: never
    architecture: { params_active_b: { low: 44, central: 88, high: 132, sources: [paper] } }
    evidence: { method: modelled, sources: [paper], review_due: "2027-01-01" }
  - id: o3
    name: o3
    vendor: openai
    class: large
    tier: D
    disclosed: false
    served_by: [openai]
    reasoning: always
`

const GRIDS = `licence: ODbL-1.0
grids:
  - { id: WORLD, name: World, parent: null, year: 2025, basis: lifecycle-consumption, g_per_kwh: { low: 110, central: 473, high: 640, sources: [paper] } }
  - { id: US, name: United States, parent: WORLD, year: 2025, basis: lifecycle-consumption, g_per_kwh: { low: 350, central: 414, high: 420, sources: [paper] }, aliases: { names: [usa] } }
grid_water:
  - { grid: WORLD, water_offsite_l_per_kwh: { low: 1, central: 3.9, high: 10, sources: [paper] } }
  - { grid: US, water_offsite_l_per_kwh: { low: 1, central: 3.1, high: 8, sources: [paper] } }
`

export const tinyFiles: readonly FactorFileText[] = [
  { name: 'factors.yaml', text: FACTORS },
  { name: 'grids.yaml', text: GRIDS },
]
