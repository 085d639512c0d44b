import { describe, expect, test } from 'vitest'
import { portFinding } from './check-ports.ts'
import { closedPort, httpServer, tcpServer } from './testing/small-servers.ts'

const health = (status: string, detail = '') => ({ checks: { log: { status, detail } } })

describe('portFinding', () => {
  test('a free port is ok', async () => {
    expect(await portFinding({ setting: 'API_PORT', port: await closedPort(), speaks: 'health' })).toMatchObject({
      status: 'ok',
      detail: expect.stringContaining('is free'),
    })
  })

  test.each([
    [200, health('ok'), 'ok'],
    [200, health('degraded', 'the log is full'), 'warning'],
    [503, health('down', 'gone'), 'fault'],
  ])('our own part that answers %i is told by its health', async (status, body, expected) => {
    const port = await httpServer(() => ({ status, body }))
    expect(await portFinding({ setting: 'API_PORT', port, speaks: 'health' })).toMatchObject({ status: expected })
  })

  test('a stranger on the port is a fault that names the setting', async () => {
    const port = await httpServer(() => ({ body: '<html>' }))
    for (const speaks of ['health', 'ping'] as const) {
      expect(await portFinding({ setting: 'SQL_PORT', port, speaks })).toMatchObject({
        status: 'fault',
        mend: expect.stringContaining('SQL_PORT'),
      })
    }
  })

  test('the SQL port is known by its ping', async () => {
    const port = await httpServer((path) => ({ body: path === '/ping' ? 'Ok.\n' : 'no' }))
    expect(await portFinding({ setting: 'SQL_PORT', port, speaks: 'ping' })).toMatchObject({ status: 'ok' })
  })

  test('a part that hangs is a fault', async () => {
    expect(await portFinding({ setting: 'EDGE_PORT', port: await tcpServer(null), speaks: 'health' })).toMatchObject({
      status: 'fault',
    })
  })
})
