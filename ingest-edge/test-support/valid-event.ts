/** An event that breaks no rule; tests change what they are about. */
export const ARRIVED_AT_MS = Date.UTC(2026, 10, 23, 12)

export function validEvent(change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    org_id: 'org_demo',
    user_id: 'user_alice',
    provider: 'openai',
    model: 'gpt-4o',
    tokens_in: 100,
    tokens_out: 50,
    ts: ARRIVED_AT_MS - 1000,
    ...change,
  }
}
