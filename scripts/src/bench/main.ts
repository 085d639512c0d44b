/**
 * `npm run bench [-- --only edge,whole-path --seconds 20 ...]`: contract section 8 on the embedded log, one JSON line a
 * figure. `-- --compare [REV]` measures another commit in turns with this one. How: docs/benchmarks.md.
 */
import { compare } from './compare/compare.ts'
import { type BenchOptions, readOptions, usage } from './options.ts'
import { environment } from './report.ts'
import { SUITE } from './suite.ts'

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(usage(Object.keys(SUITE)))
    return
  }
  let options: BenchOptions
  try {
    options = readOptions(process.argv.slice(2), Object.keys(SUITE))
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).message}\n`)
    process.exitCode = 1
    return
  }
  if (options.compare !== null) await compare(options, process.argv.slice(2))
  else for (const name of options.only) await run(name, options)
}

async function run(name: string, options: BenchOptions): Promise<void> {
  process.stderr.write(`${name} …\n`)
  const env = environment()
  const benchmark = await SUITE[name]?.()
  for await (const line of benchmark?.(options) ?? []) process.stdout.write(`${JSON.stringify({ ...line, ...env })}\n`)
}

await main()
