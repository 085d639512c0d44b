/** A database that answers what a test says, or fails as a test says; keeps what it was asked. */
import type { ClickHouse, QueryLimits, Statement } from '@ecomind/clickhouse'

export class FakeClickHouse implements ClickHouse {
  readonly asked: { readonly statement: Statement; readonly limits: QueryLimits | undefined }[] = []
  readonly inserted: { readonly table: string; readonly token: string }[] = []
  /** Rows for a statement; throw to fail. Default: no rows. */
  answer: (statement: Statement) => readonly unknown[] | Promise<readonly unknown[]> = () => []

  async command(statement: Statement): Promise<void> {
    this.asked.push({ statement, limits: undefined })
  }

  async query<Row>(statement: Statement, limits?: QueryLimits): Promise<readonly Row[]> {
    this.asked.push({ statement, limits })
    return (await this.answer(statement)) as readonly Row[]
  }

  async insertNative(table: string, _block: Uint8Array, token: string): Promise<void> {
    this.inserted.push({ table, token })
  }

  async close(): Promise<void> {}
}
