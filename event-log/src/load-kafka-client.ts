/**
 * Finds @confluentinc/kafka-javascript. It is no dependency of ours, because installing it means a download from its
 * release page or minutes of compiling: whoever uses Kafka installs it beside (`npm install --no-save`, an image) or
 * runs ops/provision/kafka-client.sh, which builds it into a cache folder once.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { LogUnavailableError } from './event-log.ts'
import type { KafkaClient } from './kafka-client.ts'

const PACKAGE = '@confluentinc/kafka-javascript'
/** The version that the log was tested with; ops/provision/kafka-client.sh installs it. */
const VERSION = '1.10.1'

/**
 * @param clientDir folder that has the package in its node_modules; default: our own node_modules, then the cache folder
 * @throws LogUnavailableError that says how to get it
 */
export function loadKafkaClient(clientDir?: string): KafkaClient {
  const folders = clientDir === undefined ? [import.meta.dirname, provisionedFolder()] : [clientDir]
  const faults: string[] = []
  for (const folder of folders.filter((one) => existsSync(one))) {
    try {
      return createRequire(join(folder, 'from-here.js'))(PACKAGE) as KafkaClient
    } catch (error) {
      faults.push(`${folder}: ${firstLine(error)}`)
    }
  }
  throw new LogUnavailableError(
    `Open log: the Kafka client ${PACKAGE} can't be loaded (${faults.join('; ')}). Run ops/provision/kafka-client.sh, or npm install --no-save ${PACKAGE}@${VERSION} where its release page can be reached; KAFKA_CLIENT_DIR names another folder that has it in its node_modules`,
    false,
  )
}

/** Where ops/provision/kafka-client.sh puts it. */
function provisionedFolder(): string {
  const env = process.env
  const cache =
    env['ECOMIND_PROVISION_DIR'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'ecomind-provision')
  return join(cache, 'kafka-client', `${VERSION}-node${process.versions.modules}-${process.platform}-${process.arch}`)
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''
}
