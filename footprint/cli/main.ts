/** Entry of the command `ecomind-footprint`. */
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { run } from './run.ts'

// `ecomind-footprint ... | head` closes the pipe early: that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})
process.exitCode = await run(process.argv.slice(2), loadDefaultFactorSet, process)
