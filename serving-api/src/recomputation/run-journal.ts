/** Runs as rows that are only ever added: each change of a run is a new row with the next number. */
import type { ClickHouse } from '@ecomind/clickhouse'
import type { Run } from './run.ts'

export class RunJournal {
  readonly #ch: ClickHouse
  readonly #seqs = new Map<string, number>()

  constructor(ch: ClickHouse) {
    this.#ch = ch
  }

  /** The newest state of every run, by organisation and generation. @throws ClickHouseError */
  async readAll(): Promise<readonly Run[]> {
    const rows = await this.#ch.query<{ id: string; last_seq: string; newest: string }>({
      text: `SELECT id, toString(max(seq)) AS last_seq, argMax(record, seq) AS newest
        FROM ecomind.recomputations GROUP BY org_id, generation, id ORDER BY org_id, generation`,
    })
    for (const row of rows) this.#seqs.set(row.id, Number(row.last_seq))
    return rows.map((row) => JSON.parse(row.newest) as Run)
  }

  /** Durable when it resolves. @throws ClickHouseError */
  async write(run: Run, nowMs: number): Promise<void> {
    const seq = (this.#seqs.get(run.id) ?? 0) + 1
    await this.#ch.command({
      text: `INSERT INTO ecomind.recomputations (org_id, id, generation, seq, state, record, written_at)
        SELECT {org_id:String}, {id:String}, {generation:UInt32}, {seq:UInt32}, {state:String}, {record:String},
          fromUnixTimestamp64Milli({now_ms:Int64}, 'UTC')`,
      params: {
        org_id: run.orgId,
        id: run.id,
        generation: run.generation,
        seq,
        state: run.state,
        record: JSON.stringify(run),
        now_ms: nowMs,
      },
    })
    this.#seqs.set(run.id, seq)
  }
}
