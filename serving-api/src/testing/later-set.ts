/** The factor set that ships, as a later version might be: other energies, other grids, so that both parts change. */
import { buildFactorSet, type DefinedFactorSet, type Quantity } from '@ecomind/footprint'

const times = (q: Quantity, factor: number): Quantity => ({
  ...q,
  low: q.low * factor,
  central: q.central * factor,
  high: q.high * factor,
})

export function laterSet(set: DefinedFactorSet): DefinedFactorSet {
  const { definition } = set
  return buildFactorSet({
    ...definition,
    head: { ...definition.head, version: '2030.1.1' },
    classes: definition.classes.map((c) => ({
      ...c,
      energy: { ...c.energy, wh_per_1k_out: times(c.energy.wh_per_1k_out, 0.7) },
    })),
    grids: definition.grids.map((g) => ({ ...g, g_per_kwh: times(g.g_per_kwh, 1.3) })),
  })
}
