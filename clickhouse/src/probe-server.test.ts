import { describe, expect, test } from 'vitest'
import type { ClickHouse, Statement } from './clickhouse.ts'
import type { HttpTarget } from './http-target.ts'
import { probeServer, requireServer } from './probe-server.ts'

interface Server {
  version?: string
  settings?: (names: readonly string[]) => readonly object[]
  clusters?: readonly object[]
  macros?: readonly string[]
}

const target: HttpTarget = { kind: 'http', url: 'http://db:8123', username: 'eco', cluster: 'main' }
const changeable = (names: readonly string[]) => names.map((name) => ({ name, fixed: 0, value: '0' }))

function serverOf({ version = '26.7.1', settings = changeable, clusters, macros }: Server): ClickHouse {
  const answer = ({ text, params }: Statement): readonly object[] => {
    if (text.includes('version()')) return [{ version }]
    if (text.includes('system.settings')) return settings(params?.['names'] as readonly string[])
    if (text.includes('system.clusters')) return clusters ?? [{ shard_num: 1, internal_replication: 1 }]
    return (macros ?? ['shard', 'replica']).map((macro) => ({ macro }))
  }
  const query: ClickHouse['query'] = async <Row>(statement: Statement) => answer(statement) as readonly Row[]
  return { query, command: async () => undefined, insertNative: async () => undefined, close: async () => undefined }
}

describe('probeServer', () => {
  test('finds nothing on a server as it should be', async () => {
    expect(await probeServer(serverOf({}), target)).toEqual([])
  })

  test.each<[string, Server, string]>([
    ['an old version', { version: '25.3.1' }, 'version 25.3.1: at least 26.2 is needed'],
    [
      'a read-only profile',
      { settings: (names) => changeable(names).map((row) => (row.name === 'readonly' ? { ...row, value: '2' } : row)) },
      'user eco has readonly = 2: give it a profile with readonly = 0',
    ],
    [
      'a constraint on a setting',
      {
        settings: (names) => changeable(names).map((row) => (row.name === 'async_insert' ? { ...row, fixed: 1 } : row)),
      },
      'user eco may not set async_insert',
    ],
    [
      'a setting it does not know',
      { settings: (names) => changeable(names.filter((name) => name !== 'deduplicate_insert_select')) },
      'the server knows no deduplicate_insert_select',
    ],
    ['a cluster it does not know', { clusters: [] }, 'CLICKHOUSE_CLUSTER: the server knows no cluster main'],
    [
      'a cluster that writes to each replica by itself',
      { clusters: [{ shard_num: 2, internal_replication: 0 }] },
      'cluster main, shard 2: set internal_replication to true',
    ],
    ['macros that are missing', { macros: ['shard'] }, 'the server has no macro replica'],
  ])('names %s and its mend', async (_, server, words) => {
    expect((await probeServer(serverOf(server), target)).join('\n')).toContain(words)
  })

  test('lists everything at once', async () => {
    const work = requireServer(serverOf({ version: '24.1', clusters: [] }), target)
    await expect(work).rejects.toThrow(/at db:8123: it can't be used as it is\n- version 24\.1.*\n- CLICKHOUSE_CLUSTER/)
  })

  test('asks nothing of the engine in process', async () => {
    await requireServer(serverOf({ version: '1' }), { kind: 'embedded', dataDir: 'a', spoolDir: 'b' })
  })
})
