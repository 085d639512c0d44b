/** Models and grids of the mock. Figures are of a plausible size and made up: nothing here is knowledge, and no answer of the mock leaves a developer's machine. */

export interface MockModel {
  readonly provider: string
  readonly model: string
  readonly region: string
  /** IT energy, Wh per 1,000 tokens. */
  readonly whPerKiloTokenIn: number
  readonly whPerKiloTokenOut: number
  /** How often it is used beside the others. */
  readonly weight: number
  readonly known: boolean
}

export interface MockGrid {
  readonly id: string
  readonly name: string
  readonly gramsPerKwh: number
  readonly offsiteLitresPerKwh: number
}

export const MODELS: readonly MockModel[] = [
  {
    provider: 'openai',
    model: 'gpt-4o',
    region: 'US-CAISO',
    whPerKiloTokenIn: 0.05,
    whPerKiloTokenOut: 0.9,
    weight: 30,
    known: true,
  },
  {
    provider: 'openai',
    model: 'gpt-4o-mini',
    region: 'US-CAISO',
    whPerKiloTokenIn: 0.008,
    whPerKiloTokenOut: 0.12,
    weight: 26,
    known: true,
  },
  {
    provider: 'anthropic',
    model: 'claude-sonnet-4-5',
    region: 'US-MIDA-PJM',
    whPerKiloTokenIn: 0.06,
    whPerKiloTokenOut: 1.1,
    weight: 22,
    known: true,
  },
  {
    provider: 'anthropic',
    model: 'claude-haiku-4-5',
    region: 'US-MIDA-PJM',
    whPerKiloTokenIn: 0.015,
    whPerKiloTokenOut: 0.25,
    weight: 10,
    known: true,
  },
  {
    provider: 'google',
    model: 'gemini-2.5-pro',
    region: 'IE',
    whPerKiloTokenIn: 0.05,
    whPerKiloTokenOut: 0.85,
    weight: 8,
    known: true,
  },
  {
    provider: 'mistral',
    model: 'mistral-large-2',
    region: 'SE',
    whPerKiloTokenIn: 0.04,
    whPerKiloTokenOut: 0.7,
    weight: 5,
    known: true,
  },
  {
    provider: 'openai',
    model: 'o3',
    region: 'US-CAISO',
    whPerKiloTokenIn: 0.07,
    whPerKiloTokenOut: 2.4,
    weight: 3,
    known: true,
  },
  {
    provider: 'azure',
    model: 'in-house-7b-rc2',
    region: 'DE',
    whPerKiloTokenIn: 0.05,
    whPerKiloTokenOut: 0.9,
    weight: 2,
    known: false,
  },
]

export const GRIDS: readonly MockGrid[] = [
  { id: 'US-CAISO', name: 'California ISO', gramsPerKwh: 230, offsiteLitresPerKwh: 3.1 },
  { id: 'US-MIDA-PJM', name: 'PJM Interconnection', gramsPerKwh: 380, offsiteLitresPerKwh: 2.6 },
  { id: 'IE', name: 'Ireland', gramsPerKwh: 290, offsiteLitresPerKwh: 1.4 },
  { id: 'SE', name: 'Sweden', gramsPerKwh: 30, offsiteLitresPerKwh: 4.2 },
  { id: 'DE', name: 'Germany', gramsPerKwh: 350, offsiteLitresPerKwh: 1.8 },
  { id: 'WORLD', name: 'World average', gramsPerKwh: 470, offsiteLitresPerKwh: 2.9 },
]

export const USERS: readonly string[] = [
  'user_alice',
  'user_bob',
  'carol@example.org',
  'dan@example.org',
  'svc-support-bot',
  'svc-nightly-report',
  'erin@example.org',
  'frank@example.org',
  'grace@example.org',
  'heidi@example.org',
]

export const TEAMS: readonly string[] = ['support', 'search', 'growth']

const LONG = 'an-unreasonably-long-name-that-somebody-really-did-choose-'

/** The catalogue of the scenario `long-names`: every name at the length that the contract allows. */
export function longName(name: string, lengthMax: number): string {
  return `${name}-${LONG.repeat(5)}`.slice(0, lengthMax)
}

export function gridOf(region: string): MockGrid {
  const grid = GRIDS.find((known) => known.id === region) ?? GRIDS.at(-1)
  if (grid === undefined) throw new Error('Find a grid: the catalogue is empty')
  return grid
}
