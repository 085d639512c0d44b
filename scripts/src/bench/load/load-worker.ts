/** The process of the load generator: takes one plan as JSON argument, prints the result as JSON. */
import { readTrace } from '../../sample-data/trace.ts'
import type { LoadPlan } from './load-plan.ts'
import { runLoad } from './run-load.ts'

const result = await runLoad(JSON.parse(process.argv[2] ?? '{}') as LoadPlan, readTrace())
process.stdout.write(JSON.stringify(result))
