/** `npm run fit -w @ecomind/footprint`: fits the factors to the evidence and writes what the set and the docs take from it. */
import { writeFileSync } from 'node:fs'
import { fitFiles, readFitInputs } from './fit-files.ts'
import { runFit } from './run-fit.ts'

const outputs = runFit(readFitInputs())
for (const [path, content] of fitFiles(outputs)) writeFileSync(path, content)

const { after, withoutRow, withoutSource } = outputs.report.summaries
const line = (name: string, s: typeof after): string =>
  `${name}: ${Math.round(s.insideShare * 100)} % of ${s.rows} inside, median error ${s.medianFactor.toFixed(2)}x`
process.stdout.write(
  `${[line('in sample', after), line('without the row', withoutRow), line('without the source', withoutSource)].join('\n')}\n`,
)
