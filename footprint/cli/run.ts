/** The command: reads what is asked, answers, says how it went. */
import { readFileSync } from 'node:fs'
import type { FactorSet } from '@ecomind/footprint'
import { CallError, readCall } from './call.ts'
import { footprintOfCalls } from './footprint-of-call.ts'
import { HELP, type Options, optionOf, readOptions } from './options.ts'
import { callJson, callText } from './print-call.ts'
import { runFile, type Streams } from './run-file.ts'

const VERSION = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
  .version

/** Returns the exit code: 0 done, 1 could not be done, 2 the command line or some lines were refused. */
export async function run(args: readonly string[], loadSet: () => FactorSet, streams: Streams): Promise<number> {
  try {
    return await answer(readOptions(args), loadSet, streams)
  } catch (cause) {
    if (!(cause instanceof CallError)) throw cause
    streams.stderr.write(`ecomind-footprint: ${cause.message}\nTry ecomind-footprint --help\n`)
    return 2
  }
}

async function answer(options: Options, loadSet: () => FactorSet, streams: Streams): Promise<number> {
  if (options.kind === 'help') streams.stdout.write(HELP)
  else if (options.kind === 'version') streams.stdout.write(`${VERSION}, factor set ${loadSet().id}\n`)
  else if (options.kind === 'file') return (await runFile(options, loadSet(), streams)) > 0 ? 2 : 0
  else {
    const call = readCall(options.call, optionOf)
    const set = loadSet()
    const report = { call, computed: footprintOfCalls(set)(call), set }
    streams.stdout.write(options.json ? callJson(report) : callText(report, options.explain))
  }
  return 0
}
