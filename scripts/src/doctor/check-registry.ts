/** The schema registry: reachable, with our schema or ready to take it, and strict enough that nobody can break readers. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { USAGE_TOPIC } from '@ecomind/schemas'
import { z } from 'zod'
import { clockFinding } from './clock-skew.ts'
import { type Finding, fault, ok, warning } from './finding.ts'
import { shownUrl } from './hide-secrets.ts'
import { firstLine } from './run-checks.ts'

const NAME = 'schema registry'
const SCHEMA = fileURLToPath(new URL('../../../schemas/avro/usage-batch.v1.avsc', import.meta.url))
const SUBJECT = `${USAGE_TOPIC}-value`
const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json'
/** A new version that old events can be read with. */
const STRICT = ['BACKWARD', 'BACKWARD_TRANSITIVE', 'FULL', 'FULL_TRANSITIVE'] as const

interface Answer {
  readonly status: number
  readonly body: unknown
  readonly date: string | null
}

export async function registryFindings(address: string, withinMs: number): Promise<readonly Finding[]> {
  const ask = asker(address, withinMs)
  const askedMs = Date.now()
  let subjects: Answer
  try {
    subjects = await ask('/subjects')
  } catch (error) {
    const mend = 'start it, or mend SCHEMA_REGISTRY_URL; known schemas go on meanwhile, new ones wait'
    return [fault(NAME, `${shownUrl(address)}: ${firstLine(error)}`, mend)]
  }
  const answeredMs = Date.now()
  const names = z.array(z.string()).safeParse(subjects.body)
  if (subjects.status !== 200 || !names.success) {
    const mend =
      "mend SCHEMA_REGISTRY_URL: it names the address of Confluent's REST interface, base path and all (Apicurio: /apis/ccompat/v7)"
    return [fault(NAME, `${shownUrl(address)}/subjects answers ${subjects.status}, not a list of subjects`, mend)]
  }
  const known = names.data.includes(SUBJECT)
  const reachable = ok(NAME, `${shownUrl(address)}, ${names.data.length} subjects`)
  return [reachable, ...clock(subjects, askedMs, answeredMs), await level(ask, known), await compatible(ask, known)]
}

type Ask = (path: string, body?: unknown) => Promise<Answer>

/** Name and password of the address go into the header: fetch refuses them in an address. */
function asker(address: string, withinMs: number): Ask {
  const url = new URL(address)
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  const authorization =
    url.username === '' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
  url.username = ''
  url.password = ''
  const base = url.href.replace(/\/$/, '')
  return async (path, body) => {
    const answer = await fetch(base + path, {
      signal: AbortSignal.timeout(withinMs),
      headers: { ...authorization, ...(body === undefined ? {} : { 'content-type': MEDIA_TYPE }) },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: parsed(text), date: answer.headers.get('date') }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function clock({ date }: Answer, askedMs: number, answeredMs: number): readonly Finding[] {
  const theirsMs = Date.parse(date ?? '')
  return Number.isNaN(theirsMs) ? [] : [clockFinding(NAME, { theirsMs, askedMs, answeredMs, resolutionMs: 1000 })]
}

/** The subject's own level, else that of the whole registry. */
async function level(ask: Ask, known: boolean): Promise<Finding> {
  const name = 'compatibility level'
  const own = known ? await ask(`/config/${encodeURIComponent(SUBJECT)}`) : null
  const found = own?.status === 200 ? own : await ask('/config')
  const shape = z.object({ compatibilityLevel: z.string() }).or(z.object({ compatibility: z.string() }))
  const read = shape.safeParse(found.body)
  const value = !read.success
    ? 'unknown'
    : 'compatibilityLevel' in read.data
      ? read.data.compatibilityLevel
      : read.data.compatibility
  if (STRICT.some((strict) => strict === value)) return ok(name, value)
  const mend = `PUT {"compatibility":"BACKWARD_TRANSITIVE"} to /config/${SUBJECT}: else anybody may register what readers can't read`
  return warning(name, value, mend)
}

async function compatible(ask: Ask, known: boolean): Promise<Finding> {
  const name = `subject ${SUBJECT}`
  if (!known) return ok(name, 'registered at the first start')
  const body = { schema: readFileSync(SCHEMA, 'utf8'), schemaType: 'AVRO' }
  const same = await ask(`/subjects/${encodeURIComponent(SUBJECT)}`, body)
  if (same.status === 200) return ok(name, 'our schema is registered')
  const { status, body: told } = await ask(
    `/compatibility/subjects/${encodeURIComponent(SUBJECT)}/versions/latest`,
    body,
  )
  const verdict = z.object({ is_compatible: z.boolean() }).safeParse(told)
  if (status === 200 && verdict.success && verdict.data.is_compatible) {
    return ok(name, 'our schema is not registered yet and fits the newest version')
  }
  const said = verdict.success
    ? 'our schema does not fit its newest version'
    : `its compatibility check answers ${status}`
  return fault(name, said, 'another product may use this subject: look at its versions, or take another registry')
}
