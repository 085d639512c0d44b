/** Reads a quantity as the page writes it, such as `1,200 Wh` or `0.31 g CO₂e`, and compares it with a number of the API. */

const BASE_PER_UNIT: Readonly<Record<string, number>> = {
  Wh: 1e-3,
  kWh: 1,
  MWh: 1e3,
  GWh: 1e6,
  mL: 1e-3,
  L: 1,
  'm³': 1e3,
  'mg CO₂e': 1e-6,
  'g CO₂e': 1e-3,
  'kg CO₂e': 1,
  't CO₂e': 1e3,
}

export interface ShownQuantity {
  /** In kWh, litres or kg. */
  readonly value: number
  /** The page rounds to two significant digits: half a unit of the second, in the same unit. */
  readonly tolerance: number
}

/** @throws Error for a text that is no quantity */
export function readQuantity(text: string): ShownQuantity {
  const match = /^([\d.,]+(?:e-?\d+)?)\s*(.+)$/.exec(text.trim().replace(/\s+/g, ' '))
  const perUnit = BASE_PER_UNIT[match?.[2]?.trim() ?? '']
  if (match?.[1] === undefined || perUnit === undefined)
    throw new Error(`read a quantity: ${JSON.stringify(text)} is none`)
  const shown = Number(match[1].replaceAll(',', ''))
  const magnitude = shown === 0 ? 0 : 10 ** (Math.floor(Math.log10(shown)) - 1)
  return { value: shown * perUnit, tolerance: magnitude * perUnit * 0.5000001 }
}

export function fits(text: string, value: number): boolean {
  const shown = readQuantity(text)
  return Math.abs(shown.value - value) <= shown.tolerance
}
