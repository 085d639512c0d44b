/** The ingest edge as a process: reads its settings, opens the log, serves, and stops without losing anything. */
import { type EventLog, openLog, stampSchemaId } from '@ecomind/event-log'
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import { openSchemaIds, type SchemaIds } from '@ecomind/schemas/registry'
import { type Logger, pino } from 'pino'
import { ConfigError, type EdgeConfig, readEdgeConfig } from './config.ts'
import { openKeyCheck } from './keys/open-key-check.ts'
import { logOutput } from './log-output.ts'
import { startEdge } from './start-edge.ts'

async function main(): Promise<void> {
  const config = readConfigOrExit()
  const logger = pino({ name: 'ingest-edge', level: config.logLevel }, logOutput())
  const schemaIds = await openRegistry(config, logger)
  const plainLog = await openEdgeLog(config, logger)
  const log = schemaIds === null ? plainLog : stampSchemaId(plainLog, schemaIds)
  const keyCheck = config.keys === null ? null : await openKeyCheck(config.keys, logger, Date.now)
  const edge = await startEdge(config, { log, logger, schemaIds, keyCheck }).catch(async (error: unknown) => {
    await log.close()
    throw error
  })
  logger.info(
    { mode: config.mode, address: `http://${config.host}:${edge.port}`, httpEngine: edge.httpEngine },
    'ingest edge listens',
  )
  if (keyCheck === null) {
    logger.warn(
      `local mode: events are accepted without authentication, for ${LOCAL_ORG_ID} only, from this machine only`,
    )
  }
  onStopSignal((signal) => {
    logger.info({ signal }, 'ingest edge stops: it answers what is under way')
    stop(logger, async () => {
      await edge.stop()
      await keyCheck?.stop()
      await log.close()
      await schemaIds?.stop()
    })
  })
}

/** Null: the ids of the schemas folder. A registry that does not answer keeps no edge from starting. */
async function openRegistry(
  { registry: target, schemasDir: dir }: EdgeConfig,
  logger: Logger,
): Promise<SchemaIds | null> {
  if (target === null) return null
  const onReport = (text: string) => logger.warn({ registry: target.url, subject: target.subject }, text)
  return await openSchemaIds({ target, dir, onReport })
}

function openEdgeLog(config: EdgeConfig, logger: Logger): Promise<EventLog> {
  const { kafka, logDir: dir, logPartitions: partitions, logBytesMax: maxBytes } = config
  if (kafka === null) return openLog({ kind: 'embedded', dir, partitions, maxBytes })
  const onFault = (text: string) => logger.warn({ kafka: text }, 'Kafka client')
  return openLog({ kind: 'kafka', ...kafka, partitions, onFault })
}

function readConfigOrExit(): EdgeConfig {
  try {
    const config = readEdgeConfig()
    if (process.argv.includes('--check-config')) {
      process.stdout.write('ingest-edge: the settings are valid\n')
      process.exit(0)
    }
    return config
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

/** Once, for the first of: Ctrl-C, a polite kill, the end of the supervisor. */
function onStopSignal(stopOnce: (signal: string) => void): void {
  let stopping = false
  const stop = (signal: string) => {
    if (stopping) return
    stopping = true
    stopOnce(signal)
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(signal, () => stop(signal))
  // The supervisor ended while this process was starting: nobody would ever stop it.
  if (process.connected === false) stop('disconnect')
}

function stop(logger: Logger, close: () => Promise<void>): void {
  close().then(
    () => {
      logger.info('ingest edge stopped')
      process.exit(0)
    },
    (error: unknown) => {
      logger.error({ fault: (error as Error).message }, 'ingest edge could not stop cleanly')
      process.exit(1)
    },
  )
}

main().catch((error: unknown) => {
  process.stderr.write(`start the ingest edge: ${(error as Error).message}\n`)
  process.exit(1)
})
