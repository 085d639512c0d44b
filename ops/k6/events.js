/** Bodies of requests: most carry one event, some a batch, as SDKs and exporters send them. */
const MODELS = [
  ['openai', 'gpt-4o', 40],
  ['openai', 'gpt-4o-mini', 25],
  ['anthropic', 'claude-sonnet-4-5', 20],
  ['google', 'gemini-2.5-flash', 10],
  ['mistral', 'mistral-large-latest', 5],
]
const REGIONS = [undefined, 'US-CAISO', 'DE', 'FR', 'aws:us-east-1']
const USERS = 500
/** Share of requests that carry a batch, and its sizes: many small ones, few large ones. */
const BATCH_SHARE = 0.2
const BATCH_MIN = 5
const BATCH_MAX = 200

/** `shape`: mix, single or batch. */
export function requestSize(shape) {
  if (shape === 'single' || (shape === 'mix' && Math.random() >= BATCH_SHARE)) return 1
  return Math.round(BATCH_MIN * (BATCH_MAX / BATCH_MIN) ** Math.random())
}

/** Ids are unique in the run, so nothing may come out as a duplicate; the project is the run, so it can be asked for. */
export function makeEvent(run, iteration, index) {
  const [provider, model] = pickModel()
  return {
    event_id: `${run}-${iteration}-${index}`,
    user_id: `load-user-${Math.floor(USERS * Math.random() ** 2)}`,
    org_id: 'org_demo',
    project_id: run,
    provider,
    model,
    tokens_in: tokens(800),
    tokens_out: tokens(250),
    region: REGIONS[Math.floor(Math.random() * REGIONS.length)],
    ts: new Date().toISOString(),
    source: 'api',
  }
}

function pickModel() {
  const at = Math.random() * 100
  let sum = 0
  for (const entry of MODELS) {
    sum += entry[2]
    if (at < sum) return entry
  }
  return MODELS[0]
}

/** Log-normal around the median. */
function tokens(median) {
  const normal = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
  return Math.min(200_000, Math.max(1, Math.round(median * Math.exp(normal))))
}
