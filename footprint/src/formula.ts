/**
 * Computes the formula of an explanation again, from nothing but its text and its inputs.
 *   sum     = product (('+' | '-') product)*          low, central and high each by themselves
 *   product = value (('*' | '/') value)*
 *   value   = number | name | '(' sum ')' | 'max(' sum ',' sum ')' | 'upto(' sum ')'
 *           | 'spread(' value (('*' | '/') value)* ')' | 'combine(' name ':' sum (',' name ':' sum)* ')'
 * `spread` is the product of independent uncertain quantities, see spread.ts; `upto` is anything from 0 to the high of
 * its argument, with 0 as low and central value. `combine` adds up factors, each under the name of its class: errors of
 * one class are correlated by one half, see combine-ranges.ts.
 */
import { combineRanges, type RangeGroup } from './combine-ranges.ts'
import type { Range } from './footprint.ts'
import { exactly, spreadProduct } from './spread.ts'

const TOKEN = /\s*([a-z][a-z0-9_]*|[0-9][0-9.]*(?:e[+-]?[0-9]+)?|[-+*/(),:])/y

type Binary = (a: number, b: number) => number
const SUM = ['+', '-'] as const
const PRODUCT = ['*', '/'] as const
const OPERATIONS: Readonly<Record<'+' | '-' | '*' | '/', Binary>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
}
const apply = (f: Binary, a: Range, b: Range): Range => ({
  low: f(a.low, b.low),
  central: f(a.central, b.central),
  high: f(a.high, b.high),
})

function tokensOf(formula: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < formula.length) {
    const at = TOKEN.lastIndex
    const token = TOKEN.exec(formula)?.[1]
    if (token === undefined) throw new SyntaxError(`Read a formula: unexpected text at ${at} of "${formula}"`)
    tokens.push(token)
  }
  return tokens
}

/** Reads one formula from left to right; each method reads what its name says and leaves `#next` behind it. */
class FormulaReader {
  readonly #formula: string
  readonly #tokens: readonly string[]
  readonly #inputs: ReadonlyMap<string, Range>
  #next = 0

  constructor(formula: string, inputs: ReadonlyMap<string, Range>) {
    this.#formula = formula
    this.#tokens = tokensOf(formula)
    this.#inputs = inputs
  }

  whole(): Range {
    const result = this.#sum()
    if (this.#next < this.#tokens.length) this.#fail('the end')
    return result
  }

  #fail(wanted: string): never {
    const found = this.#tokens[this.#next] ?? 'end'
    throw new SyntaxError(`Read a formula: "${found}" in "${this.#formula}", wanted ${wanted}`)
  }

  #expect(token: string): void {
    if (this.#tokens[this.#next] !== token) this.#fail(token)
    this.#next++
  }

  /** The operator at hand if it is one of these, else undefined. */
  #operator<O extends string>(operators: readonly O[]): O | undefined {
    const found = operators.find((o) => o === this.#tokens[this.#next])
    if (found !== undefined) this.#next++
    return found
  }

  #sum(): Range {
    let result = this.#product()
    for (let op = this.#operator(SUM); op !== undefined; op = this.#operator(SUM))
      result = apply(OPERATIONS[op], result, this.#product())
    return result
  }

  #product(): Range {
    let result = this.#value()
    for (let op = this.#operator(PRODUCT); op !== undefined; op = this.#operator(PRODUCT))
      result = apply(OPERATIONS[op], result, this.#value())
    return result
  }

  #spread(): Range {
    const parts: { op: '*' | '/'; value: Range }[] = [{ op: '*', value: this.#value() }]
    for (let op = this.#operator(PRODUCT); op !== undefined; op = this.#operator(PRODUCT))
      parts.push({ op, value: this.#value() })
    return spreadProduct(parts)
  }

  /** From behind the opening parenthesis to behind the closing one. */
  #combine(): Range {
    const groups: RangeGroup[] = []
    do {
      const name = this.#tokens[this.#next] ?? this.#fail('the name of a class')
      if (!/^[a-z]/.test(name)) this.#fail('the name of a class')
      this.#next++
      this.#expect(':')
      groups.push({ class: name, range: this.#sum() })
    } while (this.#operator([',']) !== undefined)
    this.#expect(')')
    return combineRanges(groups)
  }

  #call(name: string): Range {
    if (name !== 'spread' && name !== 'max' && name !== 'upto' && name !== 'combine')
      this.#fail('spread, max, upto or combine')
    this.#expect('(')
    if (name === 'combine') return this.#combine()
    let result = name === 'spread' ? this.#spread() : this.#sum()
    if (name === 'max') {
      this.#expect(',')
      result = apply(Math.max, result, this.#sum())
    }
    if (name === 'upto') result = { ...exactly(0), high: result.high }
    this.#expect(')')
    return result
  }

  #value(): Range {
    const token = this.#tokens[this.#next] ?? this.#fail('a value')
    this.#next++
    if (token === '(') {
      const inner = this.#sum()
      this.#expect(')')
      return inner
    }
    if (/^[0-9]/.test(token)) return exactly(Number(token))
    if (this.#tokens[this.#next] === '(') return this.#call(token)
    return this.#inputs.get(token) ?? this.#fail(`an input called ${token}`)
  }
}

/** Throws a SyntaxError for a formula that is not of the grammar or names an input that is not given. */
export const evaluateFormula = (formula: string, inputs: ReadonlyMap<string, Range>): Range =>
  new FormulaReader(formula, inputs).whole()
