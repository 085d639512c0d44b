/** Findings as lines for a person, or as JSON for a program. */
import type { Finding, FindingStatus } from './finding.ts'
import { hideSecrets } from './hide-secrets.ts'

export interface Report {
  readonly status: FindingStatus
  readonly findings: readonly Finding[]
}

export function makeReport(findings: readonly Finding[], secrets: readonly string[]): Report {
  const cleaned = findings.map((finding) => ({
    ...finding,
    detail: hideSecrets(finding.detail, secrets),
    ...(finding.mend === undefined ? {} : { mend: hideSecrets(finding.mend, secrets) }),
  }))
  const has = (status: FindingStatus) => cleaned.some((finding) => finding.status === status)
  return { status: has('fault') ? 'fault' : has('warning') ? 'warning' : 'ok', findings: cleaned }
}

/** One line a finding, the way out behind an arrow, and a sum in the last line. */
export function asText({ findings }: Report): string {
  const lines = findings.map(({ name, status, detail, mend }) => {
    return `${status.padEnd(7)}  ${name}: ${detail}${mend === undefined ? '' : ` -> ${mend}`}`.replaceAll('\n', ' ')
  })
  const count = (status: FindingStatus) => findings.filter((finding) => finding.status === status).length
  return [...lines, '', `${count('ok')} ok, ${count('warning')} warnings, ${count('fault')} faults`].join('\n')
}
