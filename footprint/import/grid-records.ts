/** Rows of the YAML files that the import writes. */
import type { GridRange } from './grid-range.ts'

export interface GridRecord {
  readonly id: string
  readonly name: string
  readonly parent: string | null
  readonly year: number
  readonly basis: 'lifecycle-consumption' | 'lifecycle-production'
  readonly gPerKwh: GridRange
  readonly sources: readonly string[]
  readonly aliases: Readonly<Record<string, readonly string[]>>
  readonly note?: string
}
export interface ObservationRecord {
  readonly grid: string
  readonly gPerKwh: number
}

/** YAML 1.1 readers take these for a truth value. */
const TRUTH_WORD = /^(?:y|n|yes|no|on|off|true|false|null)$/i
const PLAIN = /^[A-Za-z][A-Za-z0-9 ._()-]*$/
const text = (value: string): string => (PLAIN.test(value) && !TRUTH_WORD.test(value) ? value : JSON.stringify(value))

const list = (values: readonly string[]): string => `[${values.map(text).join(', ')}]`

function aliasText(aliases: GridRecord['aliases']): string {
  const kinds = Object.entries(aliases).filter(([, values]) => values.length > 0)
  if (kinds.length === 0) return ''
  return `, aliases: { ${kinds.map(([kind, values]) => `${kind}: ${list(values)}`).join(', ')} }`
}

const quantityText = ({ low, central, high }: GridRange, sources: readonly string[]): string =>
  `{ low: ${low}, central: ${central}, high: ${high}, sources: ${list(sources)} }`

/** One line a grid. */
export const gridLine = (g: GridRecord): string =>
  `  - { id: ${text(g.id)}, name: ${text(g.name)}, parent: ${g.parent === null ? 'null' : text(g.parent)}, ` +
  `year: ${g.year}, basis: ${g.basis}, g_per_kwh: ${quantityText(g.gPerKwh, g.sources)}${aliasText(g.aliases)}` +
  `${g.note === undefined ? '' : `, note: ${text(g.note)}`} }`

export const observationLine = (o: ObservationRecord, year: number, source: string): string =>
  `  - { grid: ${text(o.grid)}, g_per_kwh: ${o.gPerKwh}, year: ${year}, basis: lifecycle-production, source: ${source} }`

export const waterLine = (grid: string, range: GridRange, sources: readonly string[]): string =>
  `  - { grid: ${text(grid)}, water_offsite_l_per_kwh: ${quantityText(range, sources)} }`
