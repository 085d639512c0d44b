/**
 * Ends each vitest run with one line `N passed, N failed, N skipped`. With COUNTS_FILE set, adds it to that file for
 * .ci/run, and to the file beside it, `.failed`, what failed and why: the end of a long output is what people see.
 */
import { appendFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 }
    const failures: string[] = []
    for (const module of modules) {
      let tests = 0
      for (const test of module.children.allTests()) {
        tests++
        const { state } = test.result()
        if (state === 'passed') counts.passed++
        else if (state === 'skipped') counts.skipped++
        else {
          counts.failed++
          failures.push(describe(module, test.fullName, test.result().errors))
        }
      }
      // A file that could not be loaded has no tests, and must not look like success.
      if (tests === 0 || (!module.ok() && counts.failed === 0)) {
        counts.failed++
        failures.push(describe(module, 'the file itself', module.errors()))
      }
    }
    counts.failed += unhandledErrors.length
    failures.push(...unhandledErrors.map((error) => `unhandled: ${messageOf(error)}`))
    const line = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`
    process.stdout.write(`${line}\n`)
    const file = process.env['COUNTS_FILE']
    if (file === undefined) return
    appendFileSync(file, `${line}\n`)
    if (failures.length > 0) appendFileSync(`${file}.failed`, `${failures.join('\n')}\n`)
  }
}

function describe(module: TestModule, name: string, errors: readonly unknown[] = []): string {
  return [`${module.relativeModuleId} > ${name}`, ...errors.map((error) => `  ${messageOf(error)}`)].join('\n')
}

const MESSAGE_LENGTH_MAX = 1000

function messageOf(error: unknown): string {
  const { message, stacks } = error as { message?: string; stacks?: readonly { file: string; line: number }[] }
  const at = stacks?.[0]
  const place = at === undefined ? '' : ` (${at.file.split('/').at(-1)}:${at.line})`
  return `${(message ?? String(error)).slice(0, MESSAGE_LENGTH_MAX)}${place}`
}

// biome-ignore lint/style/noDefaultExport: vitest loads reporters by their default export
export default CountsReporter
