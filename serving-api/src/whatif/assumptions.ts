/** What has to hold for a what-if to come true, in plain words beside the numbers. */
import type { Change } from '@ecomind/schemas'

const SENTENCES: readonly (readonly [keyof Change, string])[] = [
  [
    'model',
    'The other model does the same work with the same number of tokens. It is not the same quality: try it on your own tasks before you move.',
  ],
  ['provider', 'The provider serves the model, and in the same region unless the change names another.'],
  ['region', 'The provider offers the model in this region. Latency, price and the law that applies may differ.'],
  ['grid', 'The provider has machines on this grid and offers the model there.'],
  [
    'service_tier',
    'The calls can wait: batch and flex tiers answer later. How much energy they save is a judgement with a wide range, not a measurement.',
  ],
  [
    'cache_read_share',
    'This share of the input repeats from call to call closely enough for the provider to read it from its cache. Writing to the cache costs what it cost before.',
  ],
  [
    'period',
    'The scenario is the work of the other period, not the same calls at another time: grid figures are averages of a year.',
  ],
]

export const assumptionsOf = (change: Change): string[] =>
  SENTENCES.filter(([field]) => change[field] !== undefined).map(([, sentence]) => sentence)
