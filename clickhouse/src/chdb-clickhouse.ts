/**
 * ClickHouse in this process. Every connection runs one statement after the other and is thrown away after any error:
 * chdb 3.4.0 otherwise puts rows of the failed statement in front of the next answer (3.6 MB seen).
 */
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { createChdbConnection } from 'chdb/connection'
import { bindParams } from './bind-params.ts'
import type { ClickHouse, QueryLimits, Statement } from './clickhouse.ts'
import { ClickHouseError } from './clickhouse.ts'
import type { EmbeddedEngine } from './embedded-engine.ts'
import { toClickHouseError } from './engine-errors.ts'
import { checkIdentifier, quoteString } from './sql-literals.ts'
import { INSERT_SETTINGS, querySettings, settingsClause } from './statement-settings.ts'
import { Turns } from './turns.ts'

type ClientConnection = NonNullable<NonNullable<Parameters<typeof createClient>[0]>['connection']>

interface Column {
  readonly name: string
  readonly type: string
}

let spoolCounter = 0

export class ChdbClickHouse implements ClickHouse {
  readonly #engine: EmbeddedEngine
  readonly #role: string
  /** Null between an error and the next statement. */
  #client: ClickHouseClient | null = null
  readonly #turns = new Turns()
  #closed = false
  readonly #columns = new Map<string, readonly Column[]>()

  constructor(engine: EmbeddedEngine, role: string) {
    this.#engine = engine
    this.#role = role
  }

  async command(statement: Statement): Promise<void> {
    const text = bindParams(statement.text, statement.params)
    await this.#run('run statement', async (client) => {
      await client.command({ query: text })
    })
  }

  async query<Row>(statement: Statement, limits?: QueryLimits): Promise<readonly Row[]> {
    const text = `${bindParams(statement.text, statement.params)}\n${settingsClause(querySettings(limits))}`
    return await this.#run('run query', async (client) => {
      const answer = await client.query({ query: text, format: 'JSONEachRow' })
      return await answer.json<Row>()
    })
  }

  async insertNative(table: string, block: Uint8Array, token: string, ahead = false): Promise<void> {
    const file = join(this.#engine.spoolDir, `${this.#role}-${process.pid}-${spoolCounter++}.native`)
    const name = checkIdentifier(table)
    const settings = settingsClause({ ...INSERT_SETTINGS, insert_deduplication_token: token })
    // Not in its turn: the engine may be at work on another block meanwhile.
    const written = writeSpoolFile(file, block)
    // Heard of in its turn, which may come later.
    written.catch(() => undefined)
    try {
      const insert = async (client: ClickHouseClient): Promise<void> => {
        await written
        // The table may have changed since it was last looked at.
        if (columnCount(block) !== this.#columns.get(name)?.length) this.#columns.delete(name)
        const columns = await this.#columnsOf(client, name)
        checkColumnCount(name, block, columns.length)
        const names = columns.map((column) => column.name).join(', ')
        const structure = columns.map((column) => `${column.name} ${column.type}`).join(', ')
        const source = `file(${quoteString(file)}, 'Native', ${quoteString(structure)})`
        await client.command({
          query: `INSERT INTO ecomind.${name} (${names}) SELECT ${names} FROM ${source}\n${settings}`,
        })
      }
      await this.#run(`insert into ${table}`, insert, ahead)
    } finally {
      await written.catch(() => undefined)
      await rm(file, { force: true }).catch(() => undefined)
    }
  }

  /** Columns that can be inserted, by name and type, so that a block of another shape is refused and not misread. */
  async #columnsOf(client: ClickHouseClient, table: string): Promise<readonly Column[]> {
    const known = this.#columns.get(table)
    if (known !== undefined) return known
    const query = `SELECT concat('\`', name, '\`') AS name, type FROM system.columns
      WHERE database = 'ecomind' AND table = ${quoteString(table)} AND default_kind = '' ORDER BY position`
    const columns = await (await client.query({ query, format: 'JSONEachRow' })).json<Column>()
    if (columns.length === 0) throw new ClickHouseError(`insert into ${table}: there is no such table`, 60, false)
    this.#columns.set(table, columns)
    return columns
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#turns.idle()
    await this.#drop()
    await this.#engine.release()
  }

  /** Queues `work` behind what is under way; after a failure the connection is gone before the caller hears of it. */
  async #run<T>(action: string, work: (client: ClickHouseClient) => Promise<T>, ahead = false): Promise<T> {
    if (this.#closed) throw new ClickHouseError(`${action}: this connection is closed`, null, false)
    return await this.#turns.run(async () => {
      try {
        return await work(this.#connect())
      } catch (cause) {
        await this.#drop()
        throw toClickHouseError(action, cause)
      }
    }, ahead)
  }

  #connect(): ClickHouseClient {
    this.#client ??= createClient({
      connection: connectionTo(this.#engine.path),
      log: { level: ClickHouseLogLevel.OFF },
    })
    return this.#client
  }

  async #drop(): Promise<void> {
    const client = this.#client
    this.#client = null
    await client?.close().catch(() => undefined)
  }
}

/** In one piece: `writeFile` cuts a block into many, and comes back to a busy thread between any two. */
async function writeSpoolFile(file: string, block: Uint8Array): Promise<void> {
  const handle = await openSpoolFile(file)
  try {
    for (let done = 0; done < block.length; ) {
      done += (await handle.write(block, done, block.length - done)).bytesWritten
    }
  } finally {
    await handle.close()
  }
}

async function openSpoolFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'w')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    await mkdir(dirname(file), { recursive: true })
    return await open(file, 'w')
  }
}

/** chdb declares the same interface from its own copy of the client's types, which differ in `undefined` only. */
function connectionTo(path: string): ClientConnection {
  return createChdbConnection({ path }) as unknown as ClientConnection
}

/** The engine refuses columns it doesn't know but fills missing ones with defaults, so their number must be right. */
function checkColumnCount(table: string, block: Uint8Array, wanted: number): void {
  const count = columnCount(block)
  if (count === wanted) return
  throw new ClickHouseError(`insert into ${table}: the block has ${count} columns instead of ${wanted}`, 10, false)
}

/** The varint that a block begins with. */
function columnCount(block: Uint8Array): number {
  let count = 0
  let shift = 0
  for (const byte of block.subarray(0, 4)) {
    count |= (byte & 0x7f) << shift
    if (byte < 0x80) break
    shift += 7
  }
  return count
}
