/**
 * `npm run bench [-- --only edge,whole-path --seconds 20 --rows 2000000]`: contract section 8 on the embedded log, one
 * JSON line a figure. The generator shares the cores, so figures per CPU-second are the ones to compare.
 */
import { parseArgs } from 'node:util'
import { benchEdge } from './edge.ts'
import { benchEnrichment } from './enrichment.ts'
import { benchFreshness } from './freshness.ts'
import { benchQueries } from './queries.ts'
import { benchRecomputation } from './recomputation.ts'
import { benchRecovery } from './recovery.ts'
import { environment, type Figure } from './report.ts'
import { benchWhatif } from './whatif.ts'
import { benchWholePath } from './whole-path.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'edge,enrichment,whole-path,freshness,recovery,queries,whatif,recomputation' },
    seconds: { type: 'string', default: '20' },
    rows: { type: 'string', default: '2000000' },
    events: { type: 'string', default: '1000000' },
    'recomputation-events': { type: 'string', default: '10000000' },
    'whatif-events': { type: 'string', default: '100000000' },
  },
})
const seconds = Number(values.seconds)

const SUITE: Readonly<Record<string, () => AsyncGenerator<Figure>>> = {
  edge: () => benchEdge(seconds),
  enrichment: () => benchEnrichment(Number(values.events)),
  'whole-path': () => benchWholePath(seconds),
  freshness: () => benchFreshness(30),
  recovery: () => benchRecovery(Number(values.events)),
  queries: () => benchQueries(Number(values.rows)),
  recomputation: () => benchRecomputation(Number(values['recomputation-events'])),
  whatif: () => benchWhatif(Number(values['whatif-events'])),
}

const names = values.only.split(',')
const unknown = names.filter((name) => SUITE[name] === undefined)
if (unknown.length > 0 || !(seconds > 0)) {
  process.stderr.write(`bench: --only takes ${Object.keys(SUITE).join(', ')}; --seconds a number above 0\n`)
  process.exit(1)
}
const env = environment()
for (const name of names) {
  process.stderr.write(`${name} …\n`)
  for await (const line of SUITE[name]?.() ?? []) process.stdout.write(`${JSON.stringify({ ...line, ...env })}\n`)
}
