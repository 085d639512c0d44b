/**
 * What Ember publishes: groups of countries and countries that Electricity Maps lacks become grids, all others become
 * observations that widen the ranges of theirs. Ranges of groups come from Ember's own countries alone, so that no
 * number of another licence gets into this file.
 */
import { ASEAN_MEMBERS, type CountryList, EU_MEMBERS, GROUPS, type GroupId, groupOf, namesOf } from './countries.ts'
import { groupRange, rangeOf, SPREAD_ONE_SOURCE } from './grid-range.ts'
import type { GridRecord, ObservationRecord } from './grid-records.ts'

export interface EmberInput {
  /** Alpha-3 or name of a group to g CO2e per kWh. */
  readonly values: Readonly<Record<string, number>>
  readonly year: number
  readonly sources: readonly string[]
  /** Ids that Electricity Maps has. */
  readonly alreadyGrids: ReadonlySet<string>
  readonly list: CountryList
}

export interface EmberCountry {
  readonly alpha2: string
  readonly gPerKwh: number
}

/** A figure of 0 is a gap: no grid emits nothing over the life of its plants. */
export function emberCountries({ values, list }: Pick<EmberInput, 'values' | 'list'>): EmberCountry[] {
  return Object.entries(list.alpha3ByAlpha2).flatMap(([alpha2, alpha3]) => {
    const gPerKwh = values[alpha3]
    return gPerKwh === undefined || gPerKwh <= 0 ? [] : [{ alpha2, gPerKwh }]
  })
}

function membersOf(group: GroupId, countries: readonly EmberCountry[], list: CountryList): number[] {
  const isMember = (alpha2: string): boolean => {
    if (group === 'WORLD') return true
    if (group === 'ASEAN') return ASEAN_MEMBERS.includes(alpha2)
    const own = groupOf(alpha2, list)
    return own === group || (group === 'EUROPE' && EU_MEMBERS.includes(alpha2))
  }
  return countries.filter(({ alpha2 }) => isMember(alpha2)).map(({ gPerKwh }) => gPerKwh)
}

export function emberGrids(input: EmberInput): GridRecord[] {
  const { values, list, year, sources } = input
  const countries = emberCountries(input)
  const common = { year, basis: 'lifecycle-production' as const, sources }
  const groups = GROUPS.map(({ id, ember, name, parent, names }) => {
    const central = values[ember]
    if (central === undefined) throw new RangeError(`Import Ember: the group ${ember} is missing`)
    return {
      id,
      name,
      parent,
      ...common,
      gPerKwh: groupRange(central, membersOf(id, countries, list)),
      aliases: { names },
      note: 'Somewhere in it: the range reaches from the 5th to the 95th of a hundred of its countries.',
    }
  })
  const alone = countries
    .filter(({ alpha2 }) => !input.alreadyGrids.has(alpha2))
    .map(({ alpha2, gPerKwh }) => ({
      id: alpha2,
      name: list.countries[alpha2]?.name ?? alpha2,
      parent: groupOf(alpha2, list),
      ...common,
      gPerKwh: rangeOf([gPerKwh], SPREAD_ONE_SOURCE),
      aliases: {
        iso3: [list.alpha3ByAlpha2[alpha2] ?? []].flat(),
        names: namesOf(alpha2, list).map((n) => n.toLowerCase()),
      },
    }))
  return [...groups, ...alone.sort((a, b) => (a.id < b.id ? -1 : 1))]
}

/**
 * Zones that most clouds of their country stand on. Ember knows the country only; its figure widens theirs too, for the
 * two sources differ by method, not by place alone.
 */
const MAIN_ZONES: Readonly<Record<string, readonly string[]>> = {
  AU: ['AU-NSW', 'AU-VIC'],
  BR: ['BR-CS'],
  DK: ['DK-DK2'],
  IN: ['IN-WE'],
  IT: ['IT-NO'],
  JP: ['JP-TK'],
  NO: ['NO-NO1'],
  SE: ['SE-SE3'],
}

export const emberObservations = (input: EmberInput): ObservationRecord[] =>
  emberCountries(input)
    .flatMap(({ alpha2, gPerKwh }) => [alpha2, ...(MAIN_ZONES[alpha2] ?? [])].map((grid) => ({ grid, gPerKwh })))
    .filter(({ grid }) => input.alreadyGrids.has(grid))
    .sort((a, b) => (a.grid < b.grid ? -1 : 1))
