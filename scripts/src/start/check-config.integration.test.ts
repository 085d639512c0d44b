import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { checkConfig } from './check-config.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const ENTRIES = [join(ROOT, 'scripts/src/core/main.ts'), join(ROOT, 'ingest-edge/src/main.ts')]

test('every process that would be started has its settings checked', { timeout: 300_000 }, async () => {
  expect(await checkConfig(process.env, ROOT, ENTRIES)).toEqual([])
  const env = { ...process.env, API_PORT: 'abc', ECOMIND_TZ: 'Mars/Olympus', EDGE_BODY_BYTES_MAX: 'much' }
  const complaints = (await checkConfig(env, ROOT, ENTRIES)).join('\n')
  for (const name of ['API_PORT', 'ECOMIND_TZ', 'EDGE_BODY_BYTES_MAX']) expect(complaints).toContain(`${name}: `)
})
