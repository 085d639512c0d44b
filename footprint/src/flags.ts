/** Everything the engine may warn about, as a closed list: the code is stored and counted, the message is for people. */
import type { Flag } from './footprint.ts'

export const FLAGS = {
  model_guessed_by_class: 'The model is not in the factor set: its size was guessed from its name',
  model_unknown: 'The model is not in the factor set and its name tells nothing: a wide range was used',
  model_size_undisclosed: 'The maker has not disclosed the size of the model: the factor is that of its class',
  provider_unknown: 'The provider is not in the factor set: an average data centre was assumed',
  host_unlisted: 'The provider is not known to serve this model: its own data centres were assumed',
  region_inferred: 'The event does not say where it was served: the default serving region of the provider was used',
  region_parent: 'The region is not in the grid set: the larger region around it was used',
  region_unknown: 'Nothing is known about where the call was served: the world mix and its wide range were used',
  site_fleet_value:
    'The operator publishes no PUE or no water use for this region: the average of all its data centres was used',
  water_from_world: 'No water use of power plants is known for this grid: the world average was used',
  per_call_factor: 'The factor is one figure per call: the number of tokens makes no difference',
  embodied_not_covered: 'The factor has no figure for making the hardware: embodied CO2e is 0',
  water_not_split: 'The factor does not split its water: all of it is counted as on-site',
  reasoning_hidden:
    'Only the visible output was counted and the model may reason unseen: its class tells how much that adds',
  service_tier_estimated: 'The call was made in a tier that shares machines with others: the saving is an assumption',
  org_override: 'The organisation has put its own factor in place of that of the set',
  long_context_capped: 'The input is longer than the long-context term is known for: the term stops growing there',
} as const satisfies Record<string, string>

export type FlagCode = keyof typeof FLAGS

export const flag = (code: FlagCode): Flag => ({ code, message: FLAGS[code] })
