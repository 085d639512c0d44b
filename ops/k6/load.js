/**
 * The load script; `npm run load -- PROFILE` starts it and checks afterwards that nothing was lost.
 * Open model: requests start at the stated rate whatever the answers take. A request that can't start in time is a
 * dropped iteration and fails the run; a closed loop would only slow down and hide it.
 *
 * Settings (k6 -e): PROFILE, EDGE_URL, RUN (id), FACTOR (of the rates), STRETCH (of the times), P99_MS, SHAPE, SUMMARY
 */
import { fail } from 'k6'
import exec from 'k6/execution'
import http from 'k6/http'
import { Counter } from 'k6/metrics'
import { makeEvent, requestSize } from './events.js'

const profile = JSON.parse(open('./profiles.json'))[__ENV.PROFILE]
const factor = Number(__ENV.FACTOR || 1)
const stretch = Number(__ENV.STRETCH || 1)
const p99Ms = Number(__ENV.P99_MS || profile.p99Ms)
const abort = profile.untilItBreaks === true
const rateOf = (rate) => Math.max(1, Math.round(rate * factor))
const peak = Math.max(...profile.stages.map(({ rate }) => rateOf(rate)))

const sent = new Counter('events_sent')
const accepted = new Counter('events_accepted')
const rejected = new Counter('events_rejected')
const refused = new Counter('events_refused')
const repeated = new Counter('requests_repeated')
const unanswered = new Counter('events_unanswered')
const tokensIn = new Counter('tokens_in_accepted')
const tokensOut = new Counter('tokens_out_accepted')

const none = (metric) => ({ [metric]: [{ threshold: 'count==0', abortOnFail: abort }] })
const quick = (kind) => ({
  [`http_req_duration{kind:${kind}}`]: [{ threshold: `p(99)<${p99Ms}`, abortOnFail: abort, delayAbortEval: '10s' }],
})

export const options = {
  scenarios: {
    load: {
      executor: 'ramping-arrival-rate',
      exec: 'load',
      startRate: rateOf(profile.startRate),
      timeUnit: '1s',
      // As many as requests can wait in a second: making one in the middle of a stall drops iterations by itself.
      preAllocatedVUs: Math.min(500, Math.max(50, peak)),
      maxVUs: Math.min(2000, Math.max(100, peak)),
      stages: profile.stages.map(({ seconds, rate }) => ({
        duration: `${Math.max(1, Math.round(seconds * stretch))}s`,
        target: rateOf(rate),
      })),
    },
  },
  thresholds: {
    ...none('dropped_iterations'),
    ...none('events_refused'),
    ...none('events_rejected'),
    ...none('events_unanswered'),
    ...quick('single'),
    ...quick('batch'),
  },
  summaryTrendStats: ['min', 'med', 'avg', 'p(95)', 'p(99)', 'p(99.9)', 'max', 'count'],
}

export function setup() {
  const answer = http.get(`${__ENV.EDGE_URL}/health`, { tags: { kind: 'health' } })
  if (answer.status !== 200) fail(`the edge at ${__ENV.EDGE_URL} is not healthy: status ${answer.status}`)
}

export function load() {
  const size = requestSize(__ENV.SHAPE || 'mix')
  const iteration = exec.scenario.iterationInTest
  const events = Array.from({ length: size }, (_, index) => makeEvent(__ENV.RUN, iteration, index))
  const kind = size === 1 ? 'single' : 'batch'
  sent.add(size)
  const body = JSON.stringify(size === 1 ? events[0] : events)
  let answer = send(body, size, kind)
  // As clients do: the same events again. A server may close an idle connection just when it is used.
  if (answer.status === 0) {
    repeated.add(1)
    answer = send(body, size, kind)
  }
  // No answer: the events may be stored or not.
  if (answer.status === 0) return unanswered.add(size)
  if (answer.status !== 202) return answer.status === 400 ? rejected.add(size) : refused.add(size)
  const count = Number(/"accepted":(\d+)/.exec(answer.body)?.[1] ?? 0)
  accepted.add(count)
  if (count < size) return rejected.add(size - count)
  tokensIn.add(events.reduce((sum, event) => sum + event.tokens_in, 0))
  tokensOut.add(events.reduce((sum, event) => sum + event.tokens_out, 0))
}

function send(body, size, kind) {
  return http.post(`${__ENV.EDGE_URL}/v1/ingest`, body, {
    headers: { 'content-type': 'application/json' },
    // Exporters compress what they group.
    ...(size > 20 ? { compression: 'gzip' } : {}),
    tags: { kind },
  })
}

export function handleSummary(data) {
  return { [__ENV.SUMMARY]: JSON.stringify(data, null, 2) }
}
