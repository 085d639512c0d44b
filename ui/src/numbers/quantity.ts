/** Energy, water and carbon as text: a unit that fits the size, two significant digits, low and high in the unit of the central value. */
import type { Numbers } from '@ecomind/schemas'

/** Named as the API's fields; the base units are kWh, litre and kg CO2e. */
export const METRICS = ['kwh', 'water_l', 'co2_kg'] as const
export type Metric = (typeof METRICS)[number]

export interface RangeValue {
  readonly low: number
  readonly central: number
  readonly high: number
}

/** `perBase`: how many of this unit make one base unit. */
export interface Scale {
  readonly unit: string
  readonly perBase: number
}

/** Any row of the API that carries low, central and high of each metric. */
type MetricRow = Pick<
  Numbers,
  'kwh' | 'kwh_low' | 'kwh_high' | 'water_l' | 'water_l_low' | 'water_l_high' | 'co2_kg' | 'co2_kg_low' | 'co2_kg_high'
>

export const METRIC_TEXT: Readonly<Record<Metric, { name: string; base: string }>> = {
  kwh: { name: 'Energy', base: 'kWh' },
  water_l: { name: 'Water', base: 'litres' },
  co2_kg: { name: 'Carbon', base: 'kg CO₂e' },
}

/** Small to large; the last one stays in use however large the value is. */
const SCALES: Readonly<Record<Metric, readonly Scale[]>> = {
  kwh: [
    { unit: 'Wh', perBase: 1e3 },
    { unit: 'kWh', perBase: 1 },
    { unit: 'MWh', perBase: 1e-3 },
    { unit: 'GWh', perBase: 1e-6 },
  ],
  water_l: [
    { unit: 'mL', perBase: 1e3 },
    { unit: 'L', perBase: 1 },
    { unit: 'm³', perBase: 1e-3 },
  ],
  co2_kg: [
    { unit: 'mg CO₂e', perBase: 1e6 },
    { unit: 'g CO₂e', perBase: 1e3 },
    { unit: 'kg CO₂e', perBase: 1 },
    { unit: 't CO₂e', perBase: 1e-3 },
  ],
}

const BASE_SCALE: Readonly<Record<Metric, Scale>> = {
  kwh: { unit: 'kWh', perBase: 1 },
  water_l: { unit: 'L', perBase: 1 },
  co2_kg: { unit: 'kg CO₂e', perBase: 1 },
}

export function rangeOf(row: MetricRow, metric: Metric): RangeValue {
  return { low: row[`${metric}_low`], central: row[metric], high: row[`${metric}_high`] }
}

/** The largest unit in which the rounded value is at least 1 (999.6 Wh is 1.0 kWh); the smallest unit below that; the base unit for 0. */
export function scaleFor(metric: Metric, baseValue: number, digits = 2): Scale {
  const size = Math.abs(baseValue)
  if (size === 0 || !Number.isFinite(size)) return BASE_SCALE[metric]
  const scales = SCALES[metric]
  const fitting = scales.findLast((scale) => roundSignificant(size * scale.perBase, digits) >= 1)
  return fitting ?? scales[0] ?? BASE_SCALE[metric]
}

const formatters = new Map<string, Intl.NumberFormat>()

function formatter(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options)
  let found = formatters.get(key)
  if (found === undefined) {
    found = new Intl.NumberFormat('en', options)
    formatters.set(key, found)
  }
  return found
}

/** By the same rule as the text (decimal, half away from zero), so that unit and text never disagree at 999.5. */
function roundSignificant(value: number, digits: number): number {
  return Number(formatter({ maximumSignificantDigits: digits, useGrouping: false }).format(value))
}

/** `0.31`, `12`, `1,200`; a value that is not a number becomes a dash. */
export function significant(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return '–'
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size < 1e-6) return value.toExponential(digits - 1)
  return formatter({ minimumSignificantDigits: digits, maximumSignificantDigits: digits }).format(value)
}

export interface QuantityText {
  readonly value: string
  readonly unit: string
}

export function quantity(metric: Metric, baseValue: number, scale?: Scale, digits = 2): QuantityText {
  const used = scale ?? scaleFor(metric, baseValue, digits)
  return { value: significant(baseValue * used.perBase, digits), unit: used.unit }
}

export function quantityText(metric: Metric, baseValue: number, scale?: Scale, digits = 2): string {
  const { value, unit } = quantity(metric, baseValue, scale, digits)
  return `${value} ${unit}`
}

/** `4.1–37 Wh`, in the unit of the central value. */
export function rangeText(metric: Metric, range: RangeValue, scale?: Scale): string {
  const used = scale ?? scaleFor(metric, range.central)
  return `${significant(range.low * used.perBase)}–${significant(range.high * used.perBase)} ${used.unit}`
}

/** `12 Wh (4.1–37)`. */
export function quantityWithRange(metric: Metric, range: RangeValue, scale?: Scale): string {
  const used = scale ?? scaleFor(metric, range.central)
  const bounds = `${significant(range.low * used.perBase)}–${significant(range.high * used.perBase)}`
  return `${quantityText(metric, range.central, used)} (${bounds})`
}

/** Counts in full: `19,366`. */
export function count(value: number): string {
  return formatter({ maximumFractionDigits: 0 }).format(value)
}

/** Counts in little room: `22 M`. */
export function countShort(value: number): string {
  return formatter({ notation: 'compact', maximumSignificantDigits: 3 }).format(value)
}

/** A share of 1 as percent: `0`, `<1`, `42`, never 0 or 100 for something that is neither. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return '–'
  const value = share * 100
  if (value > 0 && value < 1) return '<1 %'
  if (value > 99 && value < 100) return '>99 %'
  return `${Math.round(value)} %`
}
