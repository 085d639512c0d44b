/**
 * Countries, their codes and the groups around them. Codes, names and continents come from the package countries-list
 * (MIT); the groups of Ember that are no continents are written out here.
 */
export interface CountryList {
  /** Alpha-2 to {name, continent}; continent as two letters. */
  readonly countries: Readonly<Record<string, { readonly name: string; readonly continent: string }>>
  readonly alpha3ByAlpha2: Readonly<Record<string, string>>
}

/** The 27 members. */
export const EU_MEMBERS: readonly string[] =
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' ')
export const ASEAN_MEMBERS: readonly string[] = 'BN ID KH LA MM MY PH SG TH VN'.split(' ')
const MIDDLE_EAST: readonly string[] = 'AE BH IL IQ IR JO KW LB OM PS QA SA SY YE'.split(' ')
const NORTH_AMERICA: readonly string[] = 'BM CA GL PM US'.split(' ')

/** Ids of the groups, with the name that Ember gives them and what else they are called. */
export const GROUPS = [
  { id: 'WORLD', ember: 'WORLD', name: 'World', parent: null, names: ['global', 'earth', 'worldwide'] },
  { id: 'AFRICA', ember: 'AFRICA', name: 'Africa', parent: 'WORLD', names: [] },
  { id: 'ASIA', ember: 'ASIA', name: 'Asia', parent: 'WORLD', names: ['asia pacific', 'asia-pacific', 'apac', 'ap'] },
  { id: 'ASEAN', ember: 'ASEAN', name: 'South-east Asia (ASEAN)', parent: 'ASIA', names: [] },
  { id: 'EUROPE', ember: 'EUROPE', name: 'Europe', parent: 'WORLD', names: [] },
  { id: 'EU', ember: 'EU', name: 'European Union', parent: 'EUROPE', names: ['eue', 'european union'] },
  {
    id: 'LATIN-AMERICA',
    ember: 'LATIN AMERICA AND CARIBBEAN',
    name: 'Latin America and the Caribbean',
    parent: 'WORLD',
    names: ['latin america', 'latam', 'south america', 'southamerica'],
  },
  { id: 'MIDDLE-EAST', ember: 'MIDDLE EAST', name: 'Middle East', parent: 'WORLD', names: ['middle east'] },
  {
    id: 'NORTH-AMERICA',
    ember: 'NORTH AMERICA',
    name: 'North America',
    parent: 'WORLD',
    names: ['north america', 'northamerica'],
  },
  { id: 'OCEANIA', ember: 'OCEANIA', name: 'Oceania', parent: 'WORLD', names: [] },
] as const
export type GroupId = (typeof GROUPS)[number]['id']

const GROUP_OF_CONTINENT: Readonly<Record<string, GroupId>> = {
  AF: 'AFRICA',
  AN: 'LATIN-AMERICA',
  AS: 'ASIA',
  EU: 'EUROPE',
  NA: 'LATIN-AMERICA',
  OC: 'OCEANIA',
  SA: 'LATIN-AMERICA',
}

/** The smallest group around a country. Throws on an unknown code. */
export function groupOf(alpha2: string, list: CountryList): GroupId {
  if (EU_MEMBERS.includes(alpha2)) return 'EU'
  if (MIDDLE_EAST.includes(alpha2)) return 'MIDDLE-EAST'
  if (NORTH_AMERICA.includes(alpha2)) return 'NORTH-AMERICA'
  // Ember counts Russia to Europe.
  if (alpha2 === 'RU') return 'EUROPE'
  const group = GROUP_OF_CONTINENT[list.countries[alpha2]?.continent ?? '']
  if (group === undefined) throw new RangeError(`Find the group of a country: ${alpha2} is not an ISO 3166 code`)
  return group
}

/** Names in use beside those of the lists. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  AE: ['uae', 'emirates'],
  BO: ['plurinational state of bolivia'],
  BN: ['brunei darussalam'],
  CD: ['dr congo', 'drc', 'congo - kinshasa', 'congo-kinshasa'],
  CG: ['congo - brazzaville', 'congo-brazzaville'],
  CI: ["cote d'ivoire"],
  CV: ['cape verde'],
  CZ: ['czech republic'],
  GB: ['uk', 'great britain', 'britain', 'england'],
  GS: ['south georgia and south sandwich islands'],
  HK: ['hong kong sar', 'hong kong sar china'],
  IR: ['islamic republic of iran'],
  KP: ['dprk'],
  KR: ['korea', 'republic of korea'],
  LA: ['lao pdr'],
  MD: ['republic of moldova'],
  MK: ['macedonia'],
  MM: ['burma'],
  MO: ['macau', 'macao sar', 'macao sar china'],
  NL: ['holland', 'the netherlands'],
  PS: ['palestinian territories'],
  RU: ['russian federation'],
  SY: ['syrian arab republic'],
  SZ: ['swaziland'],
  TL: ['timor-leste'],
  TR: ['turkey'],
  TZ: ['united republic of tanzania'],
  US: ['united states of america'],
  VA: ['holy see'],
  VC: ['saint vincent and grenadines'],
  VN: ['viet nam'],
}

export const namesOf = (alpha2: string, list: CountryList): string[] => [
  list.countries[alpha2]?.name ?? alpha2,
  ...(OTHER_NAMES[alpha2] ?? []),
]
