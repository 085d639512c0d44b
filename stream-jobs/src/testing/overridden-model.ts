/** The factor set that ships with the product, and over it one organisation, `org-b`, that states a factor for a while. */
import { applyOverrides } from '@ecomind/footprint'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { footprintModel } from '../footprint-models.ts'

const set = loadDefaultFactorSet()

export const plainModel = footprintModel(set)

export const overriddenModel = footprintModel(set, {
  id: 'layer',
  sets: [
    applyOverrides(set, 'org-b', 1, [
      {
        id: 'ov1',
        version: 1,
        provider: 'openai',
        model: 'gpt-4o*',
        energy: { form: 'call', boundary: 'it', kwh_per_call: { low: 0.0001, central: 0.0003, high: 0.0009 } },
        valid_from_ms: 1_720_000_000_000,
        valid_to_ms: 1_760_000_000_000,
        tier: 'E',
        evidence: { text: 'made for the test', year: 2026 },
      },
    ]),
  ],
})
