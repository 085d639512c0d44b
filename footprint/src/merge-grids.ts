/**
 * A grid is said by several files, because each licence has its own: its row (central value, range, names), what
 * other sources observed there, its water, and the regions of clouds on it. An observation outside the range widens it.
 */
import { cloudGrids } from './cloud-grids.ts'
import type { Grid, GridRow, Quantity } from './definition.ts'
import type { NamedFactorFile } from './parse-factor-set.ts'

interface Extras {
  readonly observations: { readonly gPerKwh: number; readonly source: string }[]
  water?: Quantity
}

function collect(files: readonly NamedFactorFile[], ids: ReadonlySet<string>, faults: string[]): Map<string, Extras> {
  const extras = new Map<string, Extras>([...ids].map((id) => [id, { observations: [] }]))
  const at = (file: string, path: string, grid: string): Extras | undefined => {
    const found = extras.get(grid)
    if (found === undefined) faults.push(`${file}.${path}: grid ${grid} does not exist`)
    return found
  }
  for (const { name, content } of files) {
    for (const [i, o] of content.grid_observations.entries())
      at(name, `grid_observations[${i}]`, o.grid)?.observations.push({ gPerKwh: o.g_per_kwh, source: o.source })
    for (const [i, w] of content.grid_water.entries()) {
      const extra = at(name, `grid_water[${i}]`, w.grid)
      if (extra?.water !== undefined) faults.push(`${name}.grid_water[${i}]: grid ${w.grid} has its water twice`)
      if (extra !== undefined) extra.water = w.water_offsite_l_per_kwh
    }
  }
  return extras
}

const widened = (range: Quantity, observations: Extras['observations']): Quantity => ({
  low: Math.min(range.low, ...observations.map((o) => o.gPerKwh)),
  central: range.central,
  high: Math.max(range.high, ...observations.map((o) => o.gPerKwh)),
  sources: [...new Set([...range.sources, ...observations.map((o) => o.source).sort()])],
})

type Water = Pick<Grid, 'water_offsite_l_per_kwh' | 'water_of'>

/** Of the nearest grid around it that has one. */
function waterOf(
  row: GridRow,
  rows: ReadonlyMap<string, GridRow>,
  extras: ReadonlyMap<string, Extras>,
): Water | undefined {
  const seen = new Set<string>()
  for (let at: GridRow | undefined = row; at !== undefined && !seen.has(at.id); at = rows.get(at.parent ?? '')) {
    const water = extras.get(at.id)?.water
    if (water !== undefined) return { water_offsite_l_per_kwh: water, ...(at === row ? {} : { water_of: at.id }) }
    seen.add(at.id)
  }
  return undefined
}

export function resolveGrids(files: readonly NamedFactorFile[], faults: string[]): Grid[] {
  const rows = files.flatMap((f) => f.content.grids)
  const byId = new Map(rows.map((r) => [r.id, r]))
  const extras = collect(files, new Set(byId.keys()), faults)
  const plain = rows.flatMap((row): Grid[] => {
    if (row.parent !== null && !byId.has(row.parent)) {
      faults.push(`grid ${row.id}: parent ${row.parent} does not exist`)
      return []
    }
    const water = waterOf(row, byId, extras)
    if (water === undefined) {
      faults.push(`grid ${row.id}: neither it nor a grid around it has water_offsite_l_per_kwh`)
      return []
    }
    const { aliases, note, ...facts } = row
    const names = Object.values(aliases)
      .flat()
      .map((n) => n.toLowerCase())
    return [
      {
        ...facts,
        g_per_kwh: widened(row.g_per_kwh, extras.get(row.id)?.observations ?? []),
        ...water,
        aliases: [...new Set(names)].sort(),
        ...(note === undefined ? {} : { note }),
      },
    ]
  })
  return [...plain, ...cloudGrids(files, plain, faults)]
}
