/** A run as a page for people. */
import { cpus, release, totalmem } from 'node:os'
import type { Account } from './account.ts'
import type { Course } from './course.ts'
import type { Verdict } from './judge.ts'
import type { LoadOptions } from './options.ts'
import { rateAt } from './rate-at.ts'
import { countOf, type K6Summary } from './run-k6.ts'

export interface LoadRun {
  readonly run: string
  readonly startedAt: string
  readonly options: LoadOptions
  readonly summary: K6Summary
  readonly account: Account
  readonly courses: readonly Course[]
  readonly verdict: Verdict
}

export function asMarkdown({ run, startedAt, options, summary, account, courses, verdict }: LoadRun): string {
  const seconds = summary.state.testRunDurationMs / 1000
  const accepted = countOf(summary, 'events_accepted')
  const { before, after, rollups } = account
  const counts = [
    'events_sent',
    'events_accepted',
    'events_rejected',
    'events_refused',
    'events_unanswered',
    'requests_repeated',
    'dropped_iterations',
  ]
  return [
    `# Load: ${options.name}, ${verdict.passed ? 'passed' : 'FAILED'}`,
    `${options.profile.what}. Run ${run}, started ${startedAt}, ${seconds.toFixed(0)} s, shape ${options.shape}, against ${options.edgeUrl}.`,
    `Load generator and product on one machine unless the address says otherwise: ${cpus().length} x ${cpus()[0]?.model ?? 'CPU'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, kernel ${release()}, Node ${process.versions.node}.`,
    ...list('What failed', verdict.failures),
    ...list('What broke first', verdict.broke),
    ...(verdict.broke.length > 0 ? [`At about ${rateAt(options, seconds).toFixed(0)} requests a second.`] : []),
    '## Requests',
    `${countOf(summary, 'http_reqs')} requests, ${(accepted / seconds).toFixed(0)} accepted events a second.`,
    '| | count |',
    '|---|---|',
    ...counts.map((name) => `| ${name.replace('_', ' ')} | ${countOf(summary, name)} |`),
    '',
    '| answers, ms | median | p95 | p99 | p99.9 | max | limit of p99 |',
    '|---|---|---|---|---|---|---|',
    ...['single', 'batch'].flatMap((kind) => latencyRow(summary, kind, options.p99Ms)),
    '',
    ...courseRows(courses),
    '## Nothing lost',
    '| | before | after | difference |',
    '|---|---|---|---|',
    ...(['accepted', 'stored', 'duplicate', 'quarantined', 'inFlight'] as const).map(
      (key) => `| ${key} | ${before[key]} | ${after[key]} | ${after[key] - before[key]} |`,
    ),
    '',
    `Rollups of this run: ${rollups.calls} calls, ${rollups.tokensIn} tokens in, ${rollups.tokensOut} tokens out; accepted were ${accepted}, ${countOf(summary, 'tokens_in_accepted')} and ${countOf(summary, 'tokens_out_accepted')}. Everything was counted ${account.settledSeconds.toFixed(1)} s after the last request.`,
    '',
  ].join('\n')
}

function courseRows(courses: readonly Course[]): readonly string[] {
  if (courses.length === 0) return []
  return [
    '## Over time',
    '| medians | second quarter | last quarter | |',
    '|---|---|---|---|',
    ...courses.map(({ name, unit, early, late, flat }) => {
      return `| ${name}, ${unit} | ${early.toFixed(1)} | ${late.toFixed(1)} | ${flat ? 'flat' : 'GREW'} |`
    }),
    '',
  ]
}

function list(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`## ${title}`, ...lines.map((line) => `- ${line}`)]
}

function latencyRow({ metrics }: K6Summary, kind: string, limitMs: number): readonly string[] {
  const values = metrics[`http_req_duration{kind:${kind}}`]?.values
  if (values === undefined || (values['count'] ?? 0) === 0) return []
  const cell = (name: string) => (values[name] ?? 0).toFixed(1)
  const cells = [cell('med'), cell('p(95)'), cell('p(99)'), cell('p(99.9)'), cell('max'), String(limitMs)]
  return [`| ${kind} | ${cells.join(' | ')} |`]
}
