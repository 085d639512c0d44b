/** Grids of all zones of Electricity Maps: the newest year is the central value, the year before widens the range. */
import { type CountryList, groupOf, namesOf } from './countries.ts'
import { type GridRange, rangeOf, SPREAD_MIN, SPREAD_ONE_SOURCE, spanning } from './grid-range.ts'
import type { GridRecord } from './grid-records.ts'
import { idOfZone, ZONES } from './zones.ts'

export interface Zone {
  readonly zone: { readonly zoneName: string }
  /** g CO2e per kWh. */
  readonly carbonIntensity: { readonly value: number | null }
}
/** One year: zone code to its figures. */
export type ZoneYear = Readonly<Record<string, Zone>>

export interface ElectricityMapsInput {
  readonly newest: ZoneYear
  readonly before: ZoneYear
  readonly year: number
  readonly sources: readonly string[]
  /** Alpha-2 codes that Ember publishes too. */
  readonly alsoEmber: ReadonlySet<string>
  /** Ids of the grids that regions of clouds stand on. */
  readonly withCloudRegions: ReadonlySet<string>
  readonly list: CountryList
}

const intensityOf = (year: ZoneYear, zone: string): number | undefined => year[zone]?.carbonIntensity.value ?? undefined

const isCountry = (zone: string): boolean => !zone.includes('-') || idOfZone(zone) === zone.split('-')[0]

/** US-AK-SEAPA lies in US-AK, US-CAL-CISO in US. */
function parentOf(zone: string, input: ElectricityMapsInput): string {
  if (isCountry(zone)) return groupOf(idOfZone(zone), input.list)
  const parts = zone.split('-').slice(0, -1)
  const around = parts.map((_, i) => parts.slice(0, parts.length - i).join('-'))
  return idOfZone(around.find((name) => name in input.newest) ?? (parts[0] as string))
}

function aliasesOf(zone: string, { list, newest }: ElectricityMapsInput): GridRecord['aliases'] {
  const id = idOfZone(zone)
  const { watttime = [], egrid = [], names = [] } = ZONES[zone] ?? {}
  const country = isCountry(zone)
  const called = country ? [...namesOf(id, list), newest[zone]?.zone.zoneName ?? ''] : []
  const all = [...called, ...names]
    .map((n) => n.toLowerCase())
    .filter((n) => n !== '' && n !== 'sistema eléctrico nacional')
  return {
    em_zone: zone === id ? [] : [zone],
    watttime,
    egrid,
    iso3: country ? [list.alpha3ByAlpha2[id] ?? []].flat() : [],
    names: [...new Set(all)],
  }
}

function columns(zone: string, { newest, before }: ElectricityMapsInput): number[] {
  return [intensityOf(newest, zone), intensityOf(before, zone)].filter((g) => g !== undefined)
}

function spreadOf(zone: string, input: ElectricityMapsInput): number {
  const alone = isCountry(zone) && !input.alsoEmber.has(idOfZone(zone))
  return alone ? SPREAD_ONE_SOURCE : SPREAD_MIN
}

/** Ascending by id. */
export function electricityMapsGrids(input: ElectricityMapsInput): GridRecord[] {
  const zones = Object.keys(input.newest).filter((zone) => columns(zone, input).length > 0)
  const hosts = zones.filter((zone) => !isCountry(zone) && input.withCloudRegions.has(idOfZone(zone)))
  const rangeOfZone = (zone: string): GridRange => {
    const own = rangeOf(columns(zone, input), spreadOf(zone, input))
    const inside = hosts.filter((host) => parentOf(host, input) === idOfZone(zone))
    return spanning(
      own,
      inside.flatMap((host) => intensityOf(input.newest, host) ?? []),
    )
  }
  return zones
    .map((zone) => ({
      id: idOfZone(zone),
      name: ZONES[zone]?.name ?? zoneName(zone, input),
      parent: parentOf(zone, input),
      year: input.year,
      basis: 'lifecycle-consumption' as const,
      gPerKwh: rangeOfZone(zone),
      sources: input.sources,
      aliases: aliasesOf(zone, input),
      ...(hosts.some((host) => parentOf(host, input) === idOfZone(zone))
        ? { note: 'The range spans the grids inside that data centres of clouds stand on.' }
        : {}),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

function zoneName(zone: string, { newest, list }: ElectricityMapsInput): string {
  const own = newest[zone]?.zone.zoneName ?? zone
  if (isCountry(zone)) return own
  const country = list.countries[zone.split('-')[0] as string]?.name
  return country === undefined ? own : `${own} (${country})`
}
