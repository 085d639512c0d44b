/** Reads what `npm audit --json` said, beside the list of advisories that were looked at and are allowed for a while. */
import { z } from 'zod'

const severity = z.enum(['info', 'low', 'moderate', 'high', 'critical'])
const advisory = z.object({ name: z.string(), severity, title: z.string(), url: z.string(), range: z.string() })
const fix = z.union([z.boolean(), z.object({ name: z.string(), version: z.string(), isSemVerMajor: z.boolean() })])
const vulnerability = z.object({
  name: z.string(),
  severity,
  /** A name: the fault is that package's, and is told there. */
  via: z.array(z.union([z.string(), advisory])),
  fixAvailable: fix,
})
const report = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(z.string(), vulnerability),
  metadata: z.object({ dependencies: z.object({ prod: z.number() }) }),
})
/** npm's answer when the registry gave none. */
const refusal = z.object({ message: z.string(), statusCode: z.number().optional() })

const day = z.iso.date('a day like 2026-12-31 is wanted')
/** What allowed-advisories.json holds. */
export const allowedAdvisories = z.array(
  z.strictObject({
    /** As in the address of the advisory: GHSA-... */
    id: z.string().regex(/^GHSA(-[0-9a-z]{4}){3}$/, 'an id like GHSA-xxxx-xxxx-xxxx is wanted'),
    package: z.string().min(1),
    reason: z.string().min(20, 'say why it does no harm here, in a sentence'),
    /** The last day, in UTC, on which it is allowed. */
    until: day,
  }),
)
export type AllowedAdvisory = z.infer<typeof allowedAdvisories>[number]

export interface Advisory {
  readonly id: string
  readonly package: string
  readonly severity: 'high' | 'critical'
  readonly title: string
  readonly url: string
  readonly range: string
  readonly fix: string
  /** Day after which it is not allowed any more; null when it never was. */
  readonly expired: string | null
}

export type AuditVerdict =
  /** `unused`: entries of the list that nothing was reported for. */
  | {
      readonly kind: 'asked'
      /** Those of production. */
      readonly packages: number
      readonly refused: readonly Advisory[]
      readonly allowed: readonly AllowedAdvisory[]
      readonly unused: readonly AllowedAdvisory[]
    }
  /** The registry offers no advisories, or was not reached. */
  | { readonly kind: 'not asked'; readonly why: string }
  | { readonly kind: 'unreadable'; readonly why: string }

/** Statuses of a registry that doesn't know the question. */
const NOT_OFFERED = [404, 405, 501]

/** @param text standard output of `npm audit --json`; `nowMs` is epoch milliseconds */
export function auditVerdict(text: string, list: readonly AllowedAdvisory[], nowMs: number): AuditVerdict {
  const json = parseOrNull(text)
  const read = report.safeParse(json)
  if (!read.success) return withoutReport(json, z.prettifyError(read.error))
  const packages = read.data.metadata.dependencies.prod
  if (packages === 0) return { kind: 'unreadable', why: 'the report is about no package of production' }
  const found = advisoriesOf(Object.values(read.data.vulnerabilities))
  if (found === null) return { kind: 'unreadable', why: 'the report names packages and no advisory for them' }
  return { kind: 'asked', packages, ...judge(found, list, new Date(nowMs).toISOString().slice(0, 10)) }
}

function withoutReport(json: unknown, why: string): AuditVerdict {
  const refused = refusal.safeParse(json)
  if (!refused.success) return { kind: 'unreadable', why }
  const { message, statusCode } = refused.data
  const unreached = statusCode === undefined && /^request to \S+ failed, reason: /.test(message)
  const kind = unreached || NOT_OFFERED.includes(statusCode ?? 0) ? 'not asked' : 'unreadable'
  return { kind, why: message }
}

const isBad = (s: z.infer<typeof severity>): s is Advisory['severity'] => s === 'high' || s === 'critical'

/** High and critical ones, each once; null when a package is marked so and no advisory says why. */
function advisoriesOf(vulnerabilities: readonly z.infer<typeof vulnerability>[]): Advisory[] | null {
  const found = new Map<string, Advisory>()
  for (const { via, fixAvailable } of vulnerabilities) {
    for (const cause of via) {
      if (typeof cause === 'string' || !isBad(cause.severity)) continue
      const { name, title, url, range } = cause
      const id = url.slice(url.lastIndexOf('/') + 1)
      const said = { id, package: name, severity: cause.severity, title, url, range }
      found.set(`${id} ${name}`, { ...said, fix: fixWords(fixAvailable), expired: null })
    }
  }
  if (found.size === 0 && vulnerabilities.some((v) => isBad(v.severity))) return null
  return [...found.values()]
}

function fixWords(available: z.infer<typeof fix>): string {
  if (available === true) return 'npm audit fix'
  if (available === false) return 'none yet'
  return `${available.name}@${available.version}${available.isSemVerMajor ? ', a new major version' : ''}`
}

function judge(found: readonly Advisory[], list: readonly AllowedAdvisory[], today: string) {
  const entryOf = (a: Advisory) => list.find((entry) => entry.id === a.id && entry.package === a.package)
  const refused: Advisory[] = []
  const allowed: AllowedAdvisory[] = []
  for (const one of found) {
    const entry = entryOf(one)
    if (entry !== undefined && today <= entry.until) allowed.push(entry)
    else refused.push({ ...one, expired: entry?.until ?? null })
  }
  const used = new Set(found.map(entryOf))
  return { refused, allowed, unused: list.filter((entry) => !used.has(entry)) }
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
