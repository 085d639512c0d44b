/** Numbers as people read them: two significant digits, never an exponent, in a unit that fits. */
import type { Range } from '@ecomind/footprint'

type Scale = readonly (readonly [unit: string, perBase: number])[]

/** From the largest unit down; the first that makes the value 1 or more is taken, else the last. */
const SCALES = {
  kWh: [
    ['MWh', 1e-3],
    ['kWh', 1],
    ['Wh', 1e3],
    ['mWh', 1e6],
  ],
  L: [
    ['m3', 1e-3],
    ['L', 1],
    ['mL', 1e3],
    ['uL', 1e6],
  ],
  'kg CO2e': [
    ['t CO2e', 1e-3],
    ['kg CO2e', 1],
    ['g CO2e', 1e3],
    ['mg CO2e', 1e6],
  ],
} as const satisfies Record<string, Scale>

export type Unit = keyof typeof SCALES

/** `0.33 Wh (0.11 to 0.98)`: one unit for all three, that of the central value. */
export function rangeText({ low, central, high }: Range, unit: Unit): string {
  const [name, factor] = unitFor(central, SCALES[unit])
  return `${twoDigits(central * factor)} ${name} (${twoDigits(low * factor)} to ${twoDigits(high * factor)})`
}

function unitFor(value: number, scale: Scale): Scale[number] {
  const fitting = scale.find(([, factor]) => value * factor >= 1)
  return fitting ?? scale.at(-1) ?? ['', 1]
}

export function twoDigits(value: number): string {
  if (value === 0) return '0'
  const rounded = Number(value.toPrecision(2))
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(rounded)))
  return rounded.toFixed(Math.min(decimals, 20))
}
