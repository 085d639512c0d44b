/**
 * The core process of local mode: loader, in-process ClickHouse, serving API with the page, SQL port. The only place
 * that builds them into one; starts in the order of the data flow and stops in reverse.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { logOutput } from '@ecomind/ingest-edge/log-output'
import { pino } from 'pino'
import { readCoreConfig } from './config.ts'
import { startCore } from './start-core.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

async function main(): Promise<void> {
  const config = readCoreConfig(process.env)
  if (process.argv.includes('--check-config')) {
    process.stdout.write('The settings of the core are valid.\n')
    return
  }
  const logger = pino({ level: config.loader.logLevel, base: { service: 'core' } }, logOutput())
  const page = join(ROOT, 'ui/dist')
  const core = await startCore(config, {
    logger,
    uiDir: existsSync(join(page, 'index.html')) ? page : null,
    progress: (text) => process.send?.({ progress: text }),
    ...(process.send === undefined ? {} : { tellOperator: (text: string) => process.send?.({ progress: text }) }),
  })
  let stopping = false
  const stop = async (why: string) => {
    if (stopping) return
    stopping = true
    logger.info({ why }, 'core stops')
    await core.stop()
    logger.info('core stopped')
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
  // The supervisor is gone: nobody would restart or stop this process any more.
  process.on('disconnect', () => void stop('the supervisor is gone'))
  if (process.connected === false) await stop('the supervisor went while this process was starting')
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
