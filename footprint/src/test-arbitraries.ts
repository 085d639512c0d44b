/** Random factors, grids and activities for the property tests: any shape that the files may hold. */
import fc from 'fast-check'
import type { CallEnergy, Grid, Market, Quantity, Site, TokenEnergy } from './definition.ts'
import type { Factor } from './factor.ts'
import type { Activity } from './footprint.ts'

/** Central between 10^from and 10^to; low and high up to a factor 20 away, or exactly there, low sometimes 0. */
export const quantity = (from: number, to: number): fc.Arbitrary<Quantity> =>
  fc
    .tuple(
      fc.double({ min: from, max: to, noNaN: true }),
      fc.oneof(fc.constant(1), fc.double({ min: 1, max: 20, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY)),
      fc.oneof(fc.constant(1), fc.double({ min: 1, max: 20, noNaN: true })),
    )
    .map(([exponent, down, up]) => {
      const central = 10 ** exponent
      return { low: Math.min(central / down, central), central, high: Math.max(central * up, central), sources: ['s'] }
    })
const zero: Quantity = { low: 0, central: 0, high: 0, sources: ['s'] }
const maybeZero = (arbitrary: fc.Arbitrary<Quantity>): fc.Arbitrary<Quantity> =>
  fc.oneof({ weight: 4, arbitrary }, { weight: 1, arbitrary: fc.constant(zero) })

const pue: fc.Arbitrary<Quantity> = fc
  .array(fc.double({ min: 1, max: 2.5, noNaN: true }), { minLength: 3, maxLength: 3 })
  .map((values) => {
    const [low = 1, central = 1, high = 1] = values.sort((a, b) => a - b)
    return { low, central, high, sources: ['s'] }
  })

export const tokenEnergy: fc.Arbitrary<TokenEnergy> = fc.record({
  form: fc.constant('tokens' as const),
  boundary: fc.constantFrom('gpu', 'it', 'facility'),
  base_wh: maybeZero(quantity(-4, 0)),
  wh_per_1k_in: maybeZero(quantity(-4, 0)),
  wh_per_1k_cache_read: maybeZero(quantity(-4, 0)),
  wh_per_1k_cache_write: maybeZero(quantity(-4, 0)),
  wh_per_1k_out: maybeZero(quantity(-3, 1)),
  wh_per_1k_in_squared: maybeZero(quantity(-5, -2)),
})
export const callEnergy: fc.Arbitrary<CallEnergy> = fc.record(
  {
    form: fc.constant('call' as const),
    kwh_per_call: quantity(-6, -1),
    pue,
    water_l_per_kwh: quantity(-1, 1),
    water_onsite_share: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
    co2_kg_per_kwh: quantity(-2, 0),
  },
  { requiredKeys: ['form', 'kwh_per_call', 'water_l_per_kwh'] },
)

const market: fc.Arbitrary<Market> = fc.record({
  g_per_kwh_market: maybeZero(quantity(0, 3)),
  instrument: fc.constantFrom('certificates', 'residual mix'),
  year: fc.constant(2025),
})
/** 1 or more, and a central of 1 only with a high of 1. */
const multiplier: fc.Arbitrary<Quantity> = fc
  .array(fc.double({ min: 1.5, max: 20, noNaN: true }), { minLength: 2, maxLength: 2 })
  .map((values) => {
    const [central = 2, high = 2] = values.sort((a, b) => a - b)
    return { low: 1, central, high, sources: ['s'] }
  })
const reasoning = fc.oneof(
  fc.constant({}),
  fc.record({ reasoning: fc.constantFrom('always', 'optional'), hidden_reasoning_multiplier: multiplier }),
)
const serviceTier = fc.oneof(
  fc.constant({}),
  fc.record({ service_tier: fc.constantFrom('batch', 'flex'), tier_multiplier: quantity(-0.5, 0) }),
)

export const factorWith = (energy: fc.Arbitrary<TokenEnergy | CallEnergy>): fc.Arbitrary<Factor> => {
  const plain = fc.record(
    {
      id: fc.constant('p/m'),
      provider: fc.constant('p'),
      model: fc.constant('m'),
      name: fc.constant('m at p'),
      class: fc.constantFrom('small', 'large'),
      tier: fc.constant('D'),
      disclosed: fc.boolean(),
      energy,
      k_gpu_to_it: quantity(0, 0.3),
      pue,
      wue_onsite_l_per_kwh_it: quantity(-2, 1),
      embodied_g_per_kwh_it: quantity(0, 2),
      market,
    },
    {
      requiredKeys: [
        'id',
        'provider',
        'model',
        'name',
        'class',
        'tier',
        'disclosed',
        'energy',
        'k_gpu_to_it',
        'pue',
        'wue_onsite_l_per_kwh_it',
        'embodied_g_per_kwh_it',
      ],
    },
  )
  return fc.tuple(plain, reasoning, serviceTier).map(([f, r, t]) => ({ ...f, ...r, ...t }) as Factor)
}
export const factor = factorWith(fc.oneof(tokenEnergy, callEnergy))

export const grid: fc.Arbitrary<Grid> = fc.record({
  id: fc.constant('G'),
  name: fc.constant('Grid'),
  parent: fc.constant(null),
  year: fc.constant(2025),
  basis: fc.constant('lifecycle-consumption' as const),
  g_per_kwh: quantity(0.5, 3),
  water_offsite_l_per_kwh: quantity(-1, 1.3),
  aliases: fc.constant([]),
})

const site: fc.Arbitrary<Site> = fc.record({
  cloud: fc.constantFrom('aws', 'gcp', 'azure'),
  pue,
  pue_of: fc.constantFrom('site', 'fleet'),
  wue_onsite_l_per_kwh_it: quantity(-2, 1),
  wue_of: fc.constantFrom('site', 'fleet'),
  wue_basis: fc.constantFrom('consumption', 'withdrawal', 'mixed'),
})
/** A region of a cloud, whose site goes before that of the factor; `grid` has none. */
const cloudGrid: fc.Arbitrary<Grid> = fc
  .tuple(grid, site, fc.option(market, { nil: undefined }))
  .map(([g, s, m]) => ({ ...g, site: s, ...(m === undefined ? {} : { market: m }) }))
export const anyGrid: fc.Arbitrary<Grid> = fc.oneof(grid, cloudGrid)

const tokens = fc.oneof(fc.nat({ max: 5_000 }), fc.nat({ max: 3_000_000 }))

/** One call, or sums of many: cached tokens are part of the input. */
export const activity: fc.Arbitrary<Activity> = fc
  .record({
    calls: fc.integer({ min: 1, max: 50 }),
    fresh: tokens,
    read: tokens,
    write: tokens,
    out: tokens,
    separate: tokens,
    hidden: fc.constantFrom(0, 0.5, 1),
  })
  .map(({ calls, fresh, read, write, out, separate, hidden }) => ({
    calls,
    tokensIn: fresh + read + write,
    tokensInSquared: Math.min(fresh + read + write, 200_000) ** 2,
    tokensCacheRead: read,
    tokensCacheWrite: write,
    tokensOut: out,
    tokensReasoningSeparate: separate,
    tokensOutReasoningHidden: Math.floor(out * hidden),
  }))

export const call = (tokensIn: number, tokensOut: number): Activity => ({
  calls: 1,
  tokensIn,
  tokensInSquared: Math.min(tokensIn, 200_000) ** 2,
  tokensCacheRead: 0,
  tokensCacheWrite: 0,
  tokensOut,
  tokensReasoningSeparate: 0,
  tokensOutReasoningHidden: 0,
})
