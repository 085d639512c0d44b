/** Brings published values to one boundary: Wh of IT energy (whole servers) of one answer. */
import type { EvidenceRow } from './evidence.ts'

const J_PER_WH = 3600

/** Wh of one answer or picture as published, at the boundary of the row. */
export function publishedWh(row: EvidenceRow): number {
  switch (row.unit) {
    case 'J/token':
      return (row.value * (row.tokens_out ?? 0)) / J_PER_WH
    case 'J/image':
      return row.value / J_PER_WH
    case 'Wh/answer':
      return row.value
    case 'gCO2e/answer':
      throw new RangeError(`Convert ${row.id}: ${row.unit} is no energy`)
  }
}

/** `kGpuToIt` is energy of the servers over that of their accelerators. Throws for boundaries that cannot be brought here. */
export function itWh(row: EvidenceRow, kGpuToIt: number): number {
  const wh = publishedWh(row)
  switch (row.boundary) {
    case 'gpu':
      return wh * kGpuToIt
    case 'it':
      return wh
    case 'facility':
      return wh / (row.pue ?? Number.NaN)
    case 'partial':
    case 'lifecycle':
      throw new RangeError(`Convert ${row.id}: boundary ${row.boundary} has no IT energy`)
  }
}

/** Wh of the accelerators per 1,000 output tokens. */
export const whPer1kOfJoulesPerToken = (joulesPerToken: number): number => (joulesPerToken * 1000) / J_PER_WH
