/**
 * ClickHouse in this process. Statements keep their order on the first connection; questions may be spread over several,
 * so that the pieces of an answer are made side by side.
 */
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ClickHouseClient } from '@clickhouse/client'
import { bindParams } from './bind-params.ts'
import type { ClickHouse, QueryLimits, Statement } from './clickhouse.ts'
import { ClickHouseError } from './clickhouse.ts'
import type { EmbeddedEngine } from './embedded-engine.ts'
import { EngineLane } from './engine-lane.ts'
import { checkIdentifier, quoteString } from './sql-literals.ts'
import { INSERT_SETTINGS, querySettings, settingsClause } from './statement-settings.ts'

interface Column {
  readonly name: string
  readonly type: string
}

let spoolCounter = 0

export class ChdbClickHouse implements ClickHouse {
  readonly #engine: EmbeddedEngine
  readonly #role: string
  readonly #first: EngineLane
  /** What questions are spread over; the first is one of them. */
  readonly #lanes: readonly EngineLane[]
  #closed = false
  readonly #columns = new Map<string, readonly Column[]>()

  constructor(engine: EmbeddedEngine, role: string, lanes = 1) {
    this.#engine = engine
    this.#role = role
    this.#first = new EngineLane(engine.path)
    const more = Array.from({ length: lanes - 1 }, () => new EngineLane(engine.path))
    this.#lanes = [this.#first, ...more]
  }

  async command(statement: Statement): Promise<void> {
    const text = bindParams(statement.text, statement.params)
    await this.#run('run statement', this.#first, async (client) => {
      await client.command({ query: text })
    })
  }

  async query<Row>(statement: Statement, limits?: QueryLimits): Promise<readonly Row[]> {
    const text = `${bindParams(statement.text, statement.params)}\n${settingsClause(querySettings(limits))}`
    return await this.#run('run query', this.#freest(), async (client) => {
      const answer = await client.query({ query: text, format: 'JSONEachRow' })
      return await answer.json<Row>()
    })
  }

  async insertNative(table: string, block: Uint8Array, token: string): Promise<void> {
    const file = join(this.#engine.spoolDir, `${this.#role}-${process.pid}-${spoolCounter++}.native`)
    const name = checkIdentifier(table)
    const settings = settingsClause({ ...INSERT_SETTINGS, insert_deduplication_token: token })
    // Not in its turn: the engine may be at work on another block meanwhile.
    const written = writeSpoolFile(file, block)
    // Heard of in its turn, which may come later.
    written.catch(() => undefined)
    try {
      await this.#run(`insert into ${table}`, this.#first, async (client) => {
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
      })
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
    await Promise.all(this.#lanes.map((lane) => lane.close()))
    await this.#engine.release()
  }

  async #run<T>(action: string, lane: EngineLane, work: (client: ClickHouseClient) => Promise<T>): Promise<T> {
    if (this.#closed) throw new ClickHouseError(`${action}: this connection is closed`, null, false)
    return await lane.run(action, work)
  }

  #freest(): EngineLane {
    return this.#lanes.reduce((best, lane) => (lane.pending < best.pending ? lane : best))
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
