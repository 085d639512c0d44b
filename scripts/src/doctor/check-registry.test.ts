import { registryOf } from '@ecomind/schemas/registry'
import { describe, expect, test } from 'vitest'
import { registryFindings } from './check-registry.ts'
import { closedPort, type HttpAnswer, httpServer, tcpServer } from './testing/small-servers.ts'

const SUBJECT = 'ecomind.usage-events.v1-value'

interface Registry {
  readonly subjects: readonly string[]
  readonly level: string
  readonly registered: boolean
  readonly fits: boolean
}

const RIGHT: Registry = { subjects: [SUBJECT], level: 'BACKWARD_TRANSITIVE', registered: true, fits: true }

function registry(over: Partial<Registry> = {}): Promise<number> {
  const { subjects, level, registered, fits } = { ...RIGHT, ...over }
  return httpServer((path, body): HttpAnswer => {
    if (path === '/base/subjects') return { body: subjects }
    if (path === '/base/config') return { body: { compatibilityLevel: level } }
    if (path === `/base/config/${SUBJECT}`) return { status: 404, body: { error_code: 40408 } }
    const sentSchema = JSON.parse(JSON.parse(body).schema).name === 'UsageBatch'
    if (path === `/base/subjects/${SUBJECT}`)
      return registered && sentSchema ? { body: { id: 1 } } : { status: 404, body: {} }
    return { body: { is_compatible: fits && sentSchema } }
  })
}

async function findingsOf(SCHEMA_REGISTRY_URL: string, withinMs: number) {
  const target = registryOf({ SCHEMA_REGISTRY_URL }, 'ecomind.usage-events.v1')
  if (target === null) throw new Error('the address is not taken')
  return await registryFindings(target, withinMs)
}

async function find(port: number) {
  const findings = await findingsOf(`http://127.0.0.1:${port}/base/`, 3000)
  return findings.map(({ name, status, detail }) => `${status} ${name}: ${detail}`.replace(String(port), 'PORT'))
}

describe('registryFindings', () => {
  test('a registry with our schema is ok', async () => {
    expect(await find(await registry())).toEqual([
      'ok schema registry: http://127.0.0.1:PORT/base, 1 subjects',
      'ok clock of schema registry: agrees with ours',
      'ok compatibility level: BACKWARD_TRANSITIVE',
      `ok subject ${SUBJECT}: our schema is registered`,
    ])
  })

  test('an empty registry takes our schema at the first start', async () => {
    expect(await find(await registry({ subjects: [] }))).toContain(
      `ok subject ${SUBJECT}: registered at the first start`,
    )
  })

  test('a level that lets readers break is a warning', async () => {
    expect(await find(await registry({ level: 'NONE' }))).toContain('warning compatibility level: NONE')
  })

  test('a newest version that ours does not fit is a fault', async () => {
    expect(await find(await registry({ registered: false }))).toContainEqual(
      expect.stringMatching(/^ok subject .*fits/),
    )
    expect(await find(await registry({ registered: false, fits: false }))).toContain(
      `fault subject ${SUBJECT}: our schema does not fit its newest version`,
    )
  })

  test('an address without the base path says so', async () => {
    const wrong = await httpServer(() => ({ status: 404, body: '<html>' }))
    expect(await findingsOf(`http://127.0.0.1:${wrong}`, 3000)).toMatchObject([
      { status: 'fault', mend: expect.stringContaining('/apis/ccompat/v7') },
    ])
  })

  test('name and password go into a header and nowhere else', async () => {
    let header: string | undefined
    const port = await httpServer((_path, _body, request) => {
      header = request.headers.authorization
      return { status: 401, body: {} }
    })
    const findings = await findingsOf(`http://ann:long-secret@127.0.0.1:${port}`, 3000)
    expect(header).toBe(`Basic ${Buffer.from('ann:long-secret').toString('base64')}`)
    expect(JSON.stringify(findings)).not.toContain('long-secret')
    expect(findings).toMatchObject([{ status: 'fault', detail: expect.stringContaining('401') }])
  })

  test('nobody, or somebody silent, is a fault within the time given', async () => {
    for (const port of [await closedPort(), await tcpServer(null)]) {
      expect(await findingsOf(`http://127.0.0.1:${port}`, 100)).toMatchObject([{ status: 'fault' }])
    }
  })
})
