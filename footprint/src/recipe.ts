/** One coefficient as a list of named inputs: it is computed from the list and the explanation is printed from it. */
import type { Quantity } from './definition.ts'
import type { Range, TermCoefficients } from './footprint.ts'
import { exactly, type NamedInput, type ProductPart, productFormula, productOf } from './spread.ts'

export type TermName = keyof TermCoefficients
export type Product = readonly ProductPart[]
/** `upTo`: anything from nothing to the high of the product; the best guess is nothing. */
export interface Recipe {
  readonly product: Product
  readonly upTo: boolean
}
/** One quantity: a term that is absent adds nothing to it. */
export type TermRecipes = Readonly<Partial<Record<TermName, Recipe>>>

export function recipeValue({ product, upTo }: Recipe): Range {
  const value = productOf(product)
  return upTo ? { ...exactly(0), high: value.high } : value
}

/** As `evaluateFormula` reads it. */
export const recipeFormula = ({ product, upTo }: Recipe): string =>
  upTo ? `upto(${productFormula(product)})` : productFormula(product)

export const named = (name: string, unit: string, q: Quantity): NamedInput => ({
  name,
  unit,
  value: q,
  sourceIds: q.sources,
})
export const times = (name: string, unit: string, q: Quantity): ProductPart => ({
  op: '*',
  input: named(name, unit, q),
})
export const dividedBy = (name: string, unit: string, q: Quantity): ProductPart => ({
  op: '/',
  input: named(name, unit, q),
})
