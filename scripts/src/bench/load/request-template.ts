/**
 * Whole requests, head and body, made once. Token counts stand in them for good (compact JSON can't be padded); ids,
 * users and times have a fixed width and are written over in place before each sending. So a request costs some dozens of
 * bytes written an event, instead of text put together and encoded.
 */
import type { TraceRequest } from '../../sample-data/trace.ts'
import type { IdForm, LoadPlan } from './load-plan.ts'

export interface RequestTemplate {
  readonly bytes: Buffer
  /** Where the fields of each event begin in `bytes`. */
  readonly idAt: Uint32Array
  readonly userAt: Uint32Array
  readonly tsAt: Uint32Array
  /** Number of each event's model. */
  readonly model: Uint32Array
  readonly tokensIn: number
  readonly tokensOut: number
}

const USER_DIGITS = 6
export const TS_DIGITS = 13
export const ID_TEXT: Readonly<Record<IdForm, string>> = {
  uuid: '00000000-0000-7000-8000-000000000000',
  counter: 'bench-00000000-00000000',
}

const MODELS = [
  ['openai', 'gpt-4o'],
  ['openai', 'gpt-4o-mini'],
  ['anthropic', 'claude-sonnet-4-5'],
  ['google', 'gemini-2.5-flash'],
] as const
const FIRST = MODELS[0]

/** Beyond the first four a dated name of the same families, so that a resolver meets as many names. */
export function modelName(n: number): { readonly provider: string; readonly model: string } {
  const [provider, model] = MODELS[n % MODELS.length] ?? FIRST
  return { provider, model: n < MODELS.length ? model : `${model}-v${n}` }
}

/** Many events of the trace, few enough that they stay in the processor's cache, and one more than can be under way. */
export function makeTemplates(plan: LoadPlan, trace: readonly TraceRequest[]): RequestTemplate[] {
  const count = Math.max(Math.ceil(TEMPLATE_EVENTS / plan.batch), plan.connections + 1)
  return Array.from({ length: count }, (_, i) => makeTemplate(plan, trace, i * plan.batch))
}
const TEMPLATE_EVENTS = 4096

function makeTemplate(plan: LoadPlan, trace: readonly TraceRequest[], from: number): RequestTemplate {
  const at = { id: new Uint32Array(plan.batch), user: new Uint32Array(plan.batch), ts: new Uint32Array(plan.batch) }
  const model = new Uint32Array(plan.batch)
  const sums = { tokensIn: 0, tokensOut: 0 }
  let body = plan.batch === 1 ? '' : '['
  for (let i = 0; i < plan.batch; i++) {
    const n = from + i
    const { tokensIn, tokensOut } = trace[n % trace.length] ?? { tokensIn: 1, tokensOut: 1 }
    sums.tokensIn += tokensIn
    sums.tokensOut += tokensOut
    model[i] = n % plan.models
    const name = modelName(n % plan.models)
    body += `${i === 0 ? '' : ','}{"org_id":"org_demo","event_id":"`
    at.id[i] = body.length
    body += `${ID_TEXT[plan.ids]}","user_id":"user_`
    at.user[i] = body.length
    body += `${'0'.repeat(USER_DIGITS)}","provider":"${name.provider}","model":"${name.model}","tokens_in":${tokensIn},"tokens_out":${tokensOut},"region":"US-CAISO","ts":`
    at.ts[i] = body.length
    body += `${'1'.repeat(TS_DIGITS)}}`
  }
  if (plan.batch > 1) body += ']'
  const authorization = plan.key === undefined ? '' : `authorization: Bearer ${plan.key}\r\n`
  const head = `POST ${plan.path} HTTP/1.1\r\nhost: ${plan.host}\r\ncontent-type: application/json\r\n${authorization}content-length: ${body.length}\r\n\r\n`
  const shift = (positions: Uint32Array) => positions.map((p) => p + head.length)
  return {
    bytes: Buffer.from(head + body, 'latin1'),
    idAt: shift(at.id),
    userAt: shift(at.user),
    tsAt: shift(at.ts),
    model,
    ...sums,
  }
}
