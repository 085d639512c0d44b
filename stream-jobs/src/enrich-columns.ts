/**
 * Step: what usage_events holds beside the event itself, written into columns. Pure, as enrich.ts, and equal to it: no
 * clock, no I/O, nothing but the events and the factors. How a call is computed is looked up once for each set of names
 * that come together; after that an event costs a look into a table of numbers, a sum and its stores.
 */
import { isCountedFromText, noActivity, UNIT_NAMES, writeCounts } from '@ecomind/footprint'
import { CallTable } from './call-table.ts'
import { CoefficientTable } from './coefficient-table.ts'
import { periodOf, qualityOf } from './enrich.ts'
import type { EnrichedColumns } from './enriched-columns.ts'
import type { EventColumns } from './event-columns.ts'
import type { FootprintModel, OrgFactors, ResolvedCall } from './footprint-model.ts'
import type { NameTable } from './name-table.ts'

/** Sets of names kept from batch to batch; beyond it the table begins anew, which only costs time. */
const CALLS_MAX = 20_000

/** A call as it is resolved, its texts as numbers of the batch's names. */
interface NamedCall {
  readonly computeInto: ResolvedCall['computeInto']
  readonly region: number
  readonly regionInferred: 0 | 1
  readonly factorSet: number
  readonly factorId: number
  readonly factorMatch: number
  readonly gridId: number
  readonly gridMatch: number
  /** Grade of evidence when the provider counted the tokens, and otherwise. */
  readonly qualityCounted: number
  readonly qualityOther: number
  readonly gradeCounted: number
  readonly gradeOther: number
  readonly coefficients: number
  /** A number for provider, model, region, factor set, factor and grid together. */
  readonly rollupKey: number
}

/** As numbers, for counting. */
export const GRADE_MEASURED = 1
export const GRADE_UNKNOWN = 2
const GRADES = { measured: GRADE_MEASURED, unknown: GRADE_UNKNOWN, estimated: 0 } as const

/** The factors of one organisation or of many; its periods are numbered on from `place`. */
interface Placed {
  readonly factors: OrgFactors
  readonly place: number
}

export class ColumnEnricher {
  readonly #model: FootprintModel
  readonly #names: NameTable
  readonly #counted: number
  readonly #calls: CallTable<NamedCall>
  readonly #placedOfOrg: (Placed | undefined)[] = []
  readonly #placedOf = new Map<OrgFactors, Placed>()
  #places = 0
  readonly #rollupKeys = new Map<string, number>()
  readonly #activity = noActivity()
  readonly coefficients = new CoefficientTable()
  readonly #units = new Float64Array(UNIT_NAMES.length)

  constructor(model: FootprintModel, names: NameTable) {
    this.#model = model
    this.#names = names
    this.#counted = names.numberOfText('provider')
    this.#calls = new CallTable()
  }

  fits(model: FootprintModel, names: NameTable): boolean {
    return model === this.#model && names === this.#names && this.#calls.size <= CALLS_MAX
  }

  /** Fills the columns of `into` for the rows from the `from`-th of `rows` to the `to`-th. */
  enrich(events: EventColumns, rows: Uint32Array, from: number, to: number, into: EnrichedColumns): void {
    const { tokensSources } = events
    // Every `as number` below reads an index that is inside its array.
    for (let i = from; i < to; i++) {
      const row = rows[i] as number
      const call = this.#callOf(events, row)
      into.regions[row] = call.region
      into.regionInferred[row] = call.regionInferred
      into.factorSets[row] = call.factorSet
      into.factorIds[row] = call.factorId
      into.factorMatches[row] = call.factorMatch
      into.gridIds[row] = call.gridId
      into.gridMatches[row] = call.gridMatch
      const isCounted = tokensSources[row] === this.#counted
      into.qualities[row] = isCounted ? call.qualityCounted : call.qualityOther
      into.grades[row] = isCounted ? call.gradeCounted : call.gradeOther
      into.coefficients[row] = call.coefficients
      into.rollupKeys[row] = call.rollupKey
      this.#computeUnits(events, row, call, into)
    }
  }

  #computeUnits(events: EventColumns, row: number, call: NamedCall, into: EnrichedColumns): void {
    const isFromText = isCountedFromText(this.#names.text(events.tokensSources[row] as number))
    into.hidden[row] = isFromText && events.tokensReasoning[row] === 0 ? 1 : 0
    writeCounts(
      this.#activity,
      events.tokensIn[row] as number,
      events.tokensOut[row] as number,
      events.tokensCacheRead[row] as number,
      events.tokensCacheWrite[row] as number,
      events.tokensReasoning[row] as number,
      events.reasoningSeparate[row] === 1,
      isFromText,
    )
    const units = this.#units
    call.computeInto(this.#activity, units)
    // In the order of UNIT_NAMES.
    into.kwh[row] = units[0] as number
    into.kwhLow[row] = units[1] as number
    into.kwhHigh[row] = units[2] as number
    into.waterL[row] = units[3] as number
    into.waterLLow[row] = units[4] as number
    into.waterLHigh[row] = units[5] as number
    into.waterLOnsite[row] = units[6] as number
    into.co2Kg[row] = units[7] as number
    into.co2KgLow[row] = units[8] as number
    into.co2KgHigh[row] = units[9] as number
    into.co2KgUse[row] = units[10] as number
  }

  #callOf(events: EventColumns, row: number): NamedCall {
    const org = events.orgs[row] as number
    const { factors, place } = this.#placedOfOrg[org] ?? this.#placedFor(org)
    const ts = events.ts[row] as number
    const period = factors.changesMs.length === 0 ? 0 : periodOf(factors.changesMs, ts)
    const provider = events.providers[row] as number
    const model = events.models[row] as number
    const region = events.regions[row] as number
    const tier = events.serviceTiers[row] as number
    return this.#calls.find(place + period, provider, model, region, tier) ?? this.#resolve(factors, events, row)
  }

  /** In a function of its own: the small functions in it would cost every event a context. */
  #resolve({ factorSet, resolve }: OrgFactors, events: EventColumns, row: number): NamedCall {
    const text = (ids: Uint32Array): string => this.#names.text(ids[row] ?? 0)
    const textOrNull = (ids: Uint32Array): string | null => (ids[row] === 0 ? null : text(ids))
    const { providers, models, regions, serviceTiers, ts } = events
    const [region, tier] = [textOrNull(regions), textOrNull(serviceTiers)]
    const call = resolve(text(providers), text(models), region, tier, ts[row] ?? 0)
    const key = this.#rollupKeyOf(providers[row] ?? 0, models[row] ?? 0, factorSet, call)
    return this.#calls.addLast(this.#named(factorSet, call, key))
  }

  #placedFor(org: number): Placed {
    const factors = this.#model.factorsOf(this.#names.text(org))
    const placed = this.#placedOf.get(factors) ?? { factors, place: this.#places }
    if (placed.place === this.#places) this.#places += factors.changesMs.length + 1
    this.#placedOf.set(factors, placed)
    this.#placedOfOrg[org] = placed
    return placed
  }

  /** Calls that are told apart here may be one to a rollup: a region that is declared, and the same one inferred. */
  #rollupKeyOf(provider: number, model: number, factorSet: string, call: ResolvedCall): number {
    const key = JSON.stringify([provider, model, call.region, factorSet, call.factorId, call.gridId])
    const known = this.#rollupKeys.get(key) ?? this.#rollupKeys.size
    this.#rollupKeys.set(key, known)
    return known
  }

  #named(factorSet: string, call: ResolvedCall, rollupKey: number): NamedCall {
    const number = (text: string): number => this.#names.numberOfText(text)
    const counted = qualityOf({ tokens_source: 'provider' }, call)
    const other = qualityOf({ tokens_source: null }, call)
    return {
      computeInto: call.computeInto,
      region: number(call.region),
      regionInferred: call.regionInferred ? 1 : 0,
      factorSet: number(factorSet),
      factorId: number(call.factorId),
      factorMatch: number(call.factorMatch),
      gridId: number(call.gridId),
      gridMatch: number(call.gridMatch),
      qualityCounted: number(counted),
      qualityOther: number(other),
      gradeCounted: GRADES[counted],
      gradeOther: GRADES[other],
      coefficients: this.coefficients.numberOf(call.coefficients),
      rollupKey,
    }
  }
}
