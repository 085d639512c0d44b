/** `npm run load -- smoke`: k6 against a running product, then the count of where every event went. Exit code 1 when one limit does not hold. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hourOf, readCounts, settle } from './account.ts'
import { coursesOf } from './course.ts'
import { followMetrics } from './follow.ts'
import { judge } from './judge.ts'
import { type LoadOptions, readLoadOptions, USAGE } from './options.ts'
import { asMarkdown } from './report.ts'
import { countOf, findK6, runK6 } from './run-k6.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
const say = (line: string) => process.stdout.write(`${line}\n`)

async function main(): Promise<void> {
  const args = process.argv.slice(2)
  if (args.length === 0 || args.includes('--help')) {
    process.stdout.write(USAGE)
    process.exitCode = args.length === 0 ? 1 : 0
    return
  }
  const read = readLoadOptions(args, process.env, new Date())
  const options = { ...read, outDir: resolve(ROOT, read.outDir) }
  mkdirSync(options.outDir, { recursive: true })
  await run(await findK6(ROOT), options)
}

async function run(k6: string, options: LoadOptions): Promise<void> {
  const { apiUrl, name, profile } = options
  const run = `load-${randomBytes(4).toString('hex')}`
  const started = new Date()
  const from = hourOf(started)
  const before = await readCounts(apiUrl, from).catch((error: unknown) => {
    throw new Error(
      `no product answers at ${apiUrl} (${(error as Error).message}); start it with npm start, or set --api`,
    )
  })
  say(`${name}: ${profile.what}; run ${run}`)
  const stopFollowing = followMetrics(options.edgeUrl, apiUrl)
  const summary = await runK6(k6, ROOT, run, options).finally(stopFollowing)
  const samples = stopFollowing()
  say('counting where every event went …')
  const withinMs = options.settleSeconds * 1000
  const account = await settle({ apiUrl, run, from, before, accepted: countOf(summary, 'events_accepted'), withinMs })
  const courses = coursesOf(samples)
  const verdict = judge(profile, summary, account, courses)
  const result = { run, startedAt: started.toISOString(), options, summary, account, courses, samples, verdict }
  writeFileSync(join(options.outDir, 'result.json'), `${JSON.stringify(result, null, 2)}\n`)
  const page = asMarkdown(result)
  writeFileSync(join(options.outDir, 'report.md'), page)
  say(page)
  say(`${verdict.passed ? 'passed' : 'FAILED'}: ${join(options.outDir, 'report.md')}`)
  if (!verdict.passed) process.exitCode = 1
}

await main().catch((error: unknown) => {
  process.stderr.write(`load: ${(error as Error).message}\n`)
  process.exitCode = 1
})
