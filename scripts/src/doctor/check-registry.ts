/** The schema registry: reachable, with our schema or ready to take it, and strict enough that nobody can break readers. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type RegistryTarget, STRICT_LEVELS } from '@ecomind/schemas/registry'
import { z } from 'zod'
import { clockFinding } from './clock-skew.ts'
import { type Finding, fault, ok, warning } from './finding.ts'
import { shownUrl } from './hide-secrets.ts'
import { firstLine } from './run-checks.ts'

const NAME = 'schema registry'
const SCHEMA = fileURLToPath(new URL('../../../schemas/avro/usage-batch.v1.avsc', import.meta.url))
const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json'

interface Answer {
  readonly status: number
  readonly body: unknown
  readonly date: string | null
}

export async function registryFindings(target: RegistryTarget, withinMs: number): Promise<readonly Finding[]> {
  const { url: address, subject } = target
  const ask = asker(target, withinMs)
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
  const known = names.data.includes(subject)
  const reachable = ok(NAME, `${shownUrl(address)}, ${names.data.length} subjects`)
  return [
    reachable,
    ...clock(subjects, askedMs, answeredMs),
    await level(ask, known, subject),
    await compatible(ask, known, subject),
  ]
}

type Ask = (path: string, body?: unknown) => Promise<Answer>

function asker({ url: base, auth }: RegistryTarget, withinMs: number): Ask {
  const authorization: Record<string, string> =
    auth === null
      ? {}
      : { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}` }
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
async function level(ask: Ask, known: boolean, subject: string): Promise<Finding> {
  const name = 'compatibility level'
  if (!known) return ok(name, `${STRICT_LEVELS[0]} is set with our schema`)
  const own = await ask(`/config/${encodeURIComponent(subject)}`)
  const found = own.status === 200 ? own : await ask('/config')
  const shape = z.object({ compatibilityLevel: z.string() }).or(z.object({ compatibility: z.string() }))
  const read = shape.safeParse(found.body)
  const value = !read.success
    ? 'unknown'
    : 'compatibilityLevel' in read.data
      ? read.data.compatibilityLevel
      : read.data.compatibility
  if (STRICT_LEVELS.some((strict) => strict === value)) return ok(name, value)
  const mend = `PUT {"compatibility":"BACKWARD_TRANSITIVE"} to /config/${subject}: else anybody may register what readers can't read`
  return warning(name, value, mend)
}

async function compatible(ask: Ask, known: boolean, subject: string): Promise<Finding> {
  const name = `subject ${subject}`
  if (!known) return ok(name, 'registered at the first start')
  const body = { schema: readFileSync(SCHEMA, 'utf8'), schemaType: 'AVRO' }
  const same = await ask(`/subjects/${encodeURIComponent(subject)}`, body)
  if (same.status === 200) return ok(name, 'our schema is registered')
  const { status, body: told } = await ask(
    `/compatibility/subjects/${encodeURIComponent(subject)}/versions/latest`,
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
