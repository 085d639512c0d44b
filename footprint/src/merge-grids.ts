/**
 * A grid is said by several files, because each licence has its own: its row (central value, range, names), what
 * other sources observed there, its water, and the cloud regions on it. An observation outside the range widens it.
 */
import type { Grid, GridRow, Quantity } from './definition.ts'
import type { NamedFactorFile } from './parse-factor-set.ts'

interface Extras {
  readonly observations: { readonly gPerKwh: number; readonly source: string }[]
  readonly cloudNames: string[]
  water?: Quantity
}

function collect(files: readonly NamedFactorFile[], ids: ReadonlySet<string>, faults: string[]): Map<string, Extras> {
  const extras = new Map<string, Extras>([...ids].map((id) => [id, { observations: [], cloudNames: [] }]))
  const at = (file: string, path: string, grid: string): Extras | undefined => {
    const found = extras.get(grid)
    if (found === undefined) faults.push(`${file}.${path}: grid ${grid} does not exist`)
    return found
  }
  for (const { name, content } of files) {
    for (const [i, o] of content.grid_observations.entries())
      at(name, `grid_observations[${i}]`, o.grid)?.observations.push({ gPerKwh: o.g_per_kwh, source: o.source })
    for (const [i, c] of content.cloud_regions.entries())
      at(name, `cloud_regions[${i}]`, c.grid)?.cloudNames.push(...c.regions)
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

/** Of the nearest grid around it that has one. */
function waterOf(
  row: GridRow,
  rows: ReadonlyMap<string, GridRow>,
  extras: ReadonlyMap<string, Extras>,
): Quantity | undefined {
  const seen = new Set<string>()
  for (let at: GridRow | undefined = row; at !== undefined && !seen.has(at.id); at = rows.get(at.parent ?? '')) {
    const water = extras.get(at.id)?.water
    if (water !== undefined) return water
    seen.add(at.id)
  }
  return undefined
}

export function resolveGrids(files: readonly NamedFactorFile[], faults: string[]): Grid[] {
  const rows = files.flatMap((f) => f.content.grids)
  const byId = new Map(rows.map((r) => [r.id, r]))
  const extras = collect(files, new Set(byId.keys()), faults)
  return rows.flatMap((row) => {
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
    const extra = extras.get(row.id)
    const names = [...Object.values(aliases).flat(), ...(extra?.cloudNames ?? [])].map((n) => n.toLowerCase())
    return {
      ...facts,
      g_per_kwh: widened(row.g_per_kwh, extra?.observations ?? []),
      water_offsite_l_per_kwh: water,
      aliases: [...new Set(names)].sort(),
      ...(note === undefined ? {} : { note }),
    }
  })
}
