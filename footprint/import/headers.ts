/** The comments, licences and sources at the top of the files that the import writes. */
const MADE_BY = '# Written by footprint/import/import-grids.ts; do not edit by hand.'

export interface Inputs {
  readonly co2js: string
  readonly countriesList: string
  readonly ecologits: string
}

export const electricityMapsHeader = (inputs: Inputs): string => `${MADE_BY}
# The default grids: g CO2e per kWh, life cycle, of the electricity consumed (imports traced), yearly mean of 2025.
# A derived database of the yearly data of Electricity Maps, as published with co2.js: Open Database License 1.0.
# Attribute Electricity Maps; a changed copy of THIS FILE stays under the ODbL. Numbers under other licences are in the
# files beside it (grid_intensity.ember.yaml, grid_intensity.official.yaml, grid_water.yaml); they widen the ranges.
# central: 2025. low and high: the lower and higher of 2024 and 2025, less and plus a tenth, because a year's mean is
# not the hours of use, and at least 1.15 times apart from the central value (1.42 where Ember has no figure): how far
# Ember and Electricity Maps differ for a country, in the median and at the 80th percentile. A country whose clouds
# stand on several grids spans them. Parents give the region to fall back to; groups are in grid_intensity.ember.yaml.
# Input: ${inputs.co2js}
# Codes and names: ${inputs.countriesList}
licence: ODbL-1.0

sources:
  - id: electricity-maps-2025
    title: "Electricity Maps, yearly carbon intensity 2025, in co2.js 0.19"
    url: https://github.com/thegreenwebfoundation/co2.js
    year: 2025
    licence: ODbL-1.0
    share_alike: true
    note: "life cycle, flow-traced consumption"
  - id: electricity-maps-2024
    title: "Electricity Maps, yearly carbon intensity 2024, in co2.js 0.19"
    url: https://github.com/thegreenwebfoundation/co2.js
    year: 2024
    licence: ODbL-1.0
    share_alike: true
    note: "life cycle, flow-traced consumption"
`

export const emberHeader = (inputs: Inputs): string => `${MADE_BY}
# Ember's yearly figures, as published with co2.js: CC BY-SA 4.0 by the README of co2.js (Ember itself is reported to
# offer CC BY 4.0; the stricter one is followed). Attribute Ember; a changed copy of THIS FILE stays under CC BY-SA.
# Grids that no other source of the set covers (groups of countries, and countries with a range of 1.42 times either
# way), and observations that widen the ranges of grid_intensity.yaml, also of the zones that most clouds of a country
# stand on. A figure of 0 (Central African Republic) is left out as a gap, and so are Ember's groups of states that are
# no places (G7, G20, OECD).
# Input: ${inputs.co2js}
# Codes and names: ${inputs.countriesList}
licence: CC-BY-SA-4.0

sources:
  - id: ember-2024
    title: "Ember, yearly electricity data 2024, average intensities in co2.js (August 2025)"
    url: https://ember-energy.org/data/yearly-electricity-data/
    year: 2024
    licence: CC-BY-SA-4.0
    share_alike: true
    note: "life cycle (IPCC AR5 factors per fuel), production"
`

export const ecologitsHeader = (inputs: Inputs): string => `${MADE_BY}
# Water that power plants consume, litres per kWh of electricity, for countries that grid_water.yaml lacks: the table of
# EcoLogits, after the World Resources Institute. MPL-2.0; a changed copy of THIS FILE stays under it. Countries for which
# the table repeats the world's figure are left out: they take the world's here too, and the numbers say so.
# low: half, high: 1.7 times, as in grid_water.yaml.
# Input: ${inputs.ecologits}
licence: MPL-2.0

sources:
  - id: ecologits-mixes-2026
    title: "EcoLogits, electricity_mixes.json, column wue, after Reig et al. (WRI) 2020"
    url: https://github.com/mlco2/ecologits
    year: 2026
    licence: MPL-2.0
    share_alike: true
    note: "figures of the year 2020 of the WRI guidance, by generation mix"
`
