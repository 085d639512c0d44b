/**
 * Named states of the mock, reachable by a person and by a test alike: open `/__scenario/slow` and a cookie keeps it
 * until another is chosen.
 */
/** Those in which people sign in, as they do in production; each is one person, by what they may. */
export const PEOPLE = ['owner', 'viewer', 'team-viewer', 'no-rights'] as const
export type Someone = (typeof PEOPLE)[number]

export const SCENARIOS = ['sample', 'empty', 'error', 'slow', 'long-names', ...PEOPLE] as const
export type Scenario = (typeof SCENARIOS)[number]

export function asSomeone(scenario: Scenario): Someone | undefined {
  return PEOPLE.find((name) => name === scenario)
}

export const SCENARIO_COOKIE = 'ecomind_mock_scenario'

export function asScenario(name: string | undefined): Scenario | undefined {
  return SCENARIOS.find((scenario) => scenario === name)
}

/** The scenario that a request's cookie names. */
export function scenarioOfCookie(cookie: string | undefined): Scenario | undefined {
  const value = (cookie ?? '')
    .split(';')
    .map((pair) => pair.trim().split('='))
    .find(([name]) => name === SCENARIO_COOKIE)?.[1]
  return asScenario(value)
}
