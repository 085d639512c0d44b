import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { bundleOf, bundleProcesses } from './bundle.ts'
import { checkConfig } from './check-config.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
const ENTRIES = [bundleOf(ROOT, 'core'), bundleOf(ROOT, 'edge')]

test('every process that would be started has its settings checked', { timeout: 300_000 }, async () => {
  await bundleProcesses(ROOT)
  expect(await checkConfig(process.env, ROOT, ENTRIES)).toEqual([])
  const env = { ...process.env, API_PORT: 'abc', ECOMIND_TZ: 'Mars/Olympus', EDGE_BODY_BYTES_MAX: 'much' }
  const complaints = (await checkConfig(env, ROOT, ENTRIES)).join('\n')
  for (const name of ['API_PORT', 'ECOMIND_TZ', 'EDGE_BODY_BYTES_MAX']) expect(complaints).toContain(`${name}: `)
})
