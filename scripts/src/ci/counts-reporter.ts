/** Ends each vitest run with one line `N passed, N failed, N skipped`; with COUNTS_FILE set, adds it to that file for .ci/run. */
import { appendFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 }
    for (const module of modules) {
      let tests = 0
      for (const test of module.children.allTests()) {
        tests++
        const { state } = test.result()
        if (state === 'passed') counts.passed++
        else if (state === 'skipped') counts.skipped++
        else counts.failed++
      }
      // A file that could not be loaded has no tests, and must not look like success.
      if (tests === 0 || (!module.ok() && counts.failed === 0)) counts.failed++
    }
    counts.failed += unhandledErrors.length
    const line = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`
    process.stdout.write(`${line}\n`)
    const file = process.env['COUNTS_FILE']
    if (file !== undefined) appendFileSync(file, `${line}\n`)
  }
}

// biome-ignore lint/style/noDefaultExport: vitest loads reporters by their default export
export default CountsReporter
