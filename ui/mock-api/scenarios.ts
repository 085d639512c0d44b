/**
 * Named states of the mock, reachable by a person and by a test alike: open `/__scenario/slow` and a cookie keeps it
 * until another is chosen.
 */
export const SCENARIOS = ['sample', 'empty', 'error', 'slow', 'long-names'] as const
export type Scenario = (typeof SCENARIOS)[number]

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
