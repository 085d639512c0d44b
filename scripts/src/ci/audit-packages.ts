/**
 * Asks the registry whether a package that the product runs with has a known weakness, high or critical. Ends with 1 when
 * it has one that allowed-advisories.json does not allow today. A registry without advisories is told as such, and is no
 * failure: then nothing was asked.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Advisory, type AuditVerdict, allowedAdvisories, auditVerdict } from './audit-verdict.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const LIST = 'scripts/src/ci/allowed-advisories.json'
const ANSWER_BYTES_MAX = 64 * 1024 * 1024

/** It ends with 1 when it found something, so how it ends says nothing. */
function askNpm(): Promise<string> {
  const args = ['audit', '--json', '--omit=dev', '--audit-level=high']
  return new Promise((resolve, reject) => {
    execFile('npm', args, { cwd: ROOT, maxBuffer: ANSWER_BYTES_MAX }, (error, stdout) => {
      if (stdout === '' && error !== null) reject(error)
      else resolve(stdout)
    })
  })
}

function linesOf(a: Advisory): string {
  const expired = a.expired === null ? '' : `\n    was allowed until ${a.expired}`
  return `  ${a.package} ${a.range}: ${a.severity}: ${a.title}\n    ${a.url}\n    fix: ${a.fix}${expired}`
}

function report(verdict: AuditVerdict): boolean {
  const say = (line: string) => process.stdout.write(`packages: ${line}\n`)
  if (verdict.kind === 'not asked') {
    say(`not asked: this registry gives no advisories (${verdict.why})`)
    return true
  }
  if (verdict.kind === 'unreadable') {
    say(`npm audit gave no report: ${verdict.why}`)
    return false
  }
  const { packages, refused, allowed, unused } = verdict
  for (const { id, package: name, until, reason } of allowed) say(`${name} ${id} is allowed until ${until}: ${reason}`)
  for (const { id, package: name } of unused) say(`${name} ${id} is not reported any more: take it out of ${LIST}`)
  say(`${refused.length} high or critical advisories that are not allowed, over ${packages} packages of production`)
  for (const one of refused) process.stdout.write(`${linesOf(one)}\n`)
  return refused.length === 0
}

const list = allowedAdvisories.parse(JSON.parse(readFileSync(`${ROOT}/${LIST}`, 'utf8')))
if (!report(auditVerdict(await askNpm(), list, Date.now()))) process.exitCode = 1
