/** The command, with the npm that is here, against a registry that says what a test wants it to say. */
import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'

const COMMAND = fileURLToPath(new URL('./audit-packages.ts', import.meta.url))
const BULK = '/-/npm/v1/security/advisories/bulk'

let registry: Server
afterEach(() => registry.close())

/** Starts a registry whose answer to the question for advisories is this, and runs the command on it. */
async function audit(status: number, answer: unknown): Promise<{ readonly code: number; readonly said: string }> {
  registry = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(request.url === BULK ? status : 404, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve))
  const { port } = registry.address() as AddressInfo
  const others = Object.entries(process.env).filter(([name]) => name.toLowerCase() !== 'npm_config_registry')
  const env = { ...Object.fromEntries(others), npm_config_registry: `http://127.0.0.1:${port}/` }
  return await new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', COMMAND], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr }),
    )
  })
}

test('a weakness of a package of ours ends it with 1 and is named', async () => {
  const advisory = {
    id: 1,
    url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
    title: 'Made up for this test',
    severity: 'high',
    vulnerable_versions: '<99.0.0',
    cwe: ['CWE-1'],
    cvss: { score: 8, vectorString: '' },
  }
  const { code, said } = await audit(200, { 'pg-types': [advisory] })
  expect(said).toContain('pg-types <99.0.0: high: Made up for this test')
  expect(said).toContain('https://github.com/advisories/GHSA-aaaa-bbbb-cccc\n    fix: none yet')
  expect(code).toBe(1)
})

test('no weakness ends it with 0 and says over how many packages', async () => {
  const { code, said } = await audit(200, {})
  expect(said).toMatch(/^packages: 0 high or critical advisories that are not allowed, over \d+ packages/m)
  expect(code).toBe(0)
})

test('a registry without advisories is told as such, and is no failure', async () => {
  const { code, said } = await audit(405, {})
  expect(said).toMatch(/^packages: not asked: this registry gives no advisories \(405 /)
  expect(code).toBe(0)
})
