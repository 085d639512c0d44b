/**
 * The eleven numbers of a raw event are not stored: each row carries the coefficients it was computed with, and the
 * numbers are ALIAS columns that ClickHouse computes from them and the row's activity, to the last digit as the
 * footprint engine does (footprint/src/compute-units.ts): Float64, every sum of the same products in the same order,
 * rounded half up to integers of 1e-12. migrations/0007 holds the text that is made here (footprint-columns.test.ts).
 *
 * `coefficients` is a string of little-endian doubles in one of two forms:
 * - 105 doubles: 5 quantities (kWh, water on site, water off site, CO2e of use, embodied CO2e) by 3 bands (central, low,
 *   high) by 7 terms. One for each pair of factor and grid, so as LowCardinality it costs a row about a byte.
 * - 11 doubles: the numbers themselves, as integers of 1e-12. Rows from before migration 0007 have it.
 * Functions of a LowCardinality column run once for each value of its dictionary, not once a row.
 */
const DOUBLE_BYTES = 8
const TERMS = 7
const BANDS = ['central', 'low', 'high'] as const
const QUANTITIES = ['kwh', 'waterOnsite', 'waterOffsite', 'co2Use', 'co2Embodied'] as const

type Band = (typeof BANDS)[number]
type Quantity = (typeof QUANTITIES)[number]

/** Bytes of the short form. */
export const STORED_NUMBERS_BYTES = 11 * DOUBLE_BYTES

/** Name of the column, band, and the quantities that it is the sum of; in the order of the short form. */
export const FOOTPRINT_COLUMNS = [
  ['kwh', 'central', ['kwh']],
  ['kwh_low', 'low', ['kwh']],
  ['kwh_high', 'high', ['kwh']],
  ['water_l', 'central', ['waterOnsite', 'waterOffsite']],
  ['water_l_low', 'low', ['waterOnsite', 'waterOffsite']],
  ['water_l_high', 'high', ['waterOnsite', 'waterOffsite']],
  ['water_l_onsite', 'central', ['waterOnsite']],
  ['co2_kg', 'central', ['co2Use', 'co2Embodied']],
  ['co2_kg_low', 'low', ['co2Use', 'co2Embodied']],
  ['co2_kg_high', 'high', ['co2Use', 'co2Embodied']],
  ['co2_kg_use', 'central', ['co2Use']],
] as const satisfies readonly (readonly [name: string, band: Band, parts: readonly Quantity[]])[]

export type FootprintColumn = (typeof FOOTPRINT_COLUMNS)[number][0]

/** An event's own part of each term; the first is one call. 200,000 is QUADRATIC_TOKENS_MAX of the footprint package. */
const TERM_VALUES = [
  '',
  'greatest(toInt64(tokens_in) - toInt64(tokens_cache_read) - toInt64(tokens_cache_write), 0) / 1000.',
  'tokens_cache_read / 1000.',
  'tokens_cache_write / 1000.',
  '(toInt64(tokens_out) + if(reasoning_separate, toInt64(tokens_reasoning), 0)) / 1000.',
  'toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000) / 1000000.',
  "if(tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0, tokens_out, 0) / 1000.",
] as const

/** ClickHouse expression of a column's value, Decimal(18, 12). */
export function footprintExpression(name: string): string {
  const at = FOOTPRINT_COLUMNS.findIndex(([column]) => column === name)
  const column = FOOTPRINT_COLUMNS[at]
  if (column === undefined) throw new RangeError(`make a footprint column: there is no ${name}`)
  const [, band, parts] = column
  const computed = roundHalfUp(parts.map((quantity) => dotProduct(quantity, band)).join(' + '))
  const units = `if(length(coefficients) = ${STORED_NUMBERS_BYTES}, toInt64(${double(at)}), ${computed})`
  return `reinterpret(${units}, 'Decimal(18, 12)')`
}

/** The ALTER TABLE actions that make the columns what they are. */
export function footprintColumnActions(): string {
  return FOOTPRINT_COLUMNS.map(
    ([name]) => `  MODIFY COLUMN ${name} Decimal(18, 12) ALIAS ${footprintExpression(name)}`,
  ).join(',\n')
}

function dotProduct(quantity: Quantity, band: Band): string {
  const first = (QUANTITIES.indexOf(quantity) * BANDS.length + BANDS.indexOf(band)) * TERMS
  const products = TERM_VALUES.map((value, term) =>
    value === '' ? double(first + term) : `${value} * ${double(first + term)}`,
  )
  return `(${products.join(' + ')})`
}

const double = (index: number): string =>
  `reinterpretAsFloat64(substring(coefficients, ${index * DOUBLE_BYTES + 1}, ${DOUBLE_BYTES}))`

/**
 * Math.round and the cap of roundToUnits, with the value written once: twice the units is exact, and half of one more
 * than its whole part is the units rounded half up. The cap is twice 2^53 - 1.
 */
function roundHalfUp(value: string): string {
  return `bitShiftRight(toInt64(least((${value}) * 1000000000000. * 2, 18014398509481982.)) + 1, 1)`
}

/** The short form of a row's numbers. */
export function storedNumbers(row: Readonly<Record<FootprintColumn, number>>): Uint8Array {
  const units = Float64Array.from(FOOTPRINT_COLUMNS, ([name]) => row[name])
  return new Uint8Array(units.buffer)
}
