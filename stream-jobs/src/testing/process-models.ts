/** What a loader process of the tests and the test itself must agree on. */
import { join } from 'node:path'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import type { FootprintModels } from '../footprint-model.ts'
import { footprintModel } from '../footprint-models.ts'

export function processPaths(dataDir: string) {
  return { clickhouse: join(dataDir, 'clickhouse'), spool: join(dataDir, 'spool'), dedupe: join(dataDir, 'dedupe') }
}

/** The factor set that ships with the product. */
export function processModels(): FootprintModels {
  return { running: footprintModel(loadDefaultFactorSet()), load: async () => null }
}
