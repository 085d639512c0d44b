/**
 * ClickHouse as the loader sees it, in memory, for tests: tokens are remembered per table and per view, so a redo adds
 * what is missing and nothing twice; an insert may die half way, also between the token of a part and the part itself.
 * Days stand for its partitions (months): each day of an insert is a part with a token of its own. Answers exactly the
 * questions this package asks.
 */
import {
  type ClickHouse,
  type LedgerRow,
  type QuarantineRow,
  type Statement,
  type UsageRow,
  usageRowAt,
} from '@ecomind/clickhouse'
import { DAY_MS } from '../arrival-day.ts'
import type { BlockEncoders } from '../insert-batch.ts'

interface Target<Row> {
  readonly rows: Row[]
  /** `day token` of every part. */
  readonly tokens: Set<string>
}

export type FakeTarget = 'usage' | 'view' | 'quarantine' | 'ledger'

type Params = Readonly<Record<string, unknown>>

export interface FakeTables {
  readonly usage: Target<UsageRow>
  /** Stands for the chain of views: a copy of the rows that reached it. */
  readonly view: Target<UsageRow>
  readonly quarantine: Target<QuarantineRow>
  readonly ledger: Target<LedgerRow>
  readonly watermarks: { readonly partition: number; readonly watermarkMs: number }[]
}

export interface FakeClickHouse extends Pick<ClickHouse, 'query' | 'command' | 'insertNative'> {
  readonly tables: FakeTables
  readonly encoders: BlockEncoders
  /** Called at each step of an insert; throws to refuse or to die there. */
  onStep: (step: 'before' | 'between' | 'after', table: string) => void
  /** Called when the token of a part is remembered and its rows are not there yet; throws to leave it like that. */
  onPart: (target: FakeTarget) => void
  /** Called with the rows that are new, before they are there. */
  onNewRows: (rows: readonly UsageRow[]) => void
  /** Called with the rows that a repair adds to the view, before they are there. */
  onRepairedRows: (rows: readonly UsageRow[]) => void
  /** What the comparison finds: epoch days, of all there are, on which the view does not hold what the raw table holds. */
  differingDays: () => readonly number[]
  /** What `rebuildRollups` does: of the days that differ the view holds what the raw table holds, and forgets the tokens. */
  repair: (days: readonly number[]) => Promise<void>
  /** Forgets the tokens, as ClickHouse does after so many later inserts. */
  forgetTokens: () => void
}

const target = <Row>(): Target<Row> => ({ rows: [], tokens: new Set() })

export function createFakeClickHouse(): FakeClickHouse {
  const tables: FakeTables = {
    usage: target(),
    view: target(),
    quarantine: target(),
    ledger: target(),
    watermarks: [],
  }
  const blocks = new WeakMap<Uint8Array, readonly unknown[]>()
  const encode = (rows: readonly unknown[]): Uint8Array => {
    const block = new Uint8Array(1)
    blocks.set(block, rows)
    return block
  }
  const add = <Row extends AnyRow>(name: FakeTarget, to: Target<Row>, rows: readonly Row[], token: string): void => {
    for (const [day, part] of byDay(rows)) {
      const key = `${day} ${token}`
      if (to.tokens.has(key)) continue
      to.tokens.add(key)
      fake.onPart(name)
      if (name === 'usage') fake.onNewRows(part as unknown as UsageRow[])
      to.rows.push(...part)
    }
  }
  const repairDay = (day: number): void => {
    const { usage, view } = tables
    const raw = usage.rows.filter((row) => dayOf(row) === day)
    const rolled = view.rows.filter((row) => dayOf(row) === day)
    if (sameRows(raw, rolled)) return
    const counted = new Set(rolled.map(positionOf))
    fake.onRepairedRows(raw.filter((row) => !counted.has(positionOf(row))))
    view.rows.splice(0, view.rows.length, ...view.rows.filter((row) => dayOf(row) !== day), ...raw)
    for (const token of view.tokens) if (token.startsWith(`${day} `)) view.tokens.delete(token)
  }
  const fake: FakeClickHouse = {
    tables,
    encoders: {
      usage: async ({ columns, rows }) => encode(Array.from(rows, (row) => usageRowAt(columns, row))),
      minutes: ({ usage: { columns, rows } }) => encode(Array.from(rows, (row) => usageRowAt(columns, row))),
      quarantine: encode,
      ledger: encode,
    },
    onStep: () => undefined,
    onPart: () => undefined,
    onNewRows: () => undefined,
    onRepairedRows: () => undefined,
    async insertNative(table, block, token) {
      const rows = blocks.get(block)
      if (rows === undefined) throw new Error(`insert into ${table}: a block of another encoder`)
      fake.onStep('before', table)
      if (table === 'usage_events') {
        add('usage', tables.usage, rows as UsageRow[], token)
      } else if (table === 'usage_minutes') {
        fake.onStep('between', table)
        add('view', tables.view, rows as UsageRow[], token)
      } else if (table === 'quarantine') add('quarantine', tables.quarantine, rows as QuarantineRow[], token)
      else if (table === 'ingest_ledger') add('ledger', tables.ledger, rows as LedgerRow[], token)
      else throw new Error(`insert into ${table}: there is no such table`)
      fake.onStep('after', table)
    },
    async command(statement) {
      if (!statement.text.startsWith('INSERT INTO ecomind.watermarks')) throw new Error(`not faked: ${statement.text}`)
      const { partitions, watermarksMs } = statement.params as unknown as Record<string, readonly number[]>
      partitions?.forEach((partition, i) => {
        tables.watermarks.push({ partition, watermarkMs: watermarksMs?.[i] ?? 0 })
      })
    },
    async query<Row>(statement: Statement): Promise<readonly Row[]> {
      refuseUnused(statement)
      fake.onStep('before', 'query')
      return answer(tables, statement) as readonly Row[]
    },
    differingDays: () => {
      const days = new Set([...tables.usage.rows, ...tables.view.rows].map(dayOf))
      const of = (rows: readonly UsageRow[], day: number) => rows.filter((row) => dayOf(row) === day)
      return [...days].filter((day) => !sameRows(of(tables.usage.rows, day), of(tables.view.rows, day)))
    },
    async repair(days) {
      for (const day of days) repairDay(day)
    },
    forgetTokens() {
      for (const { tokens } of [tables.usage, tables.view, tables.quarantine, tables.ledger]) tokens.clear()
    },
  }
  return fake
}

const positionOf = (row: UsageRow): string =>
  `${row.log_generation}/${row.log_partition}/${row.log_offset}/${row.log_index}`

/** As the real one does. */
function refuseUnused({ text, params = {} }: Statement): void {
  for (const name of Object.keys(params)) {
    if (!text.includes(`{${name}:`)) throw new RangeError(`bind params: no placeholder for ${name}`)
  }
}

type AnyRow = UsageRow | QuarantineRow | LedgerRow

/** The day that the table is partitioned by. */
function dayOf(row: AnyRow): number {
  if ('ts' in row) return Math.floor(row.ts / DAY_MS)
  return 'hour' in row ? Math.floor((row.hour * 1000) / DAY_MS) : Math.floor(row.arrived_at / DAY_MS)
}

function byDay<Row extends AnyRow>(rows: readonly Row[]): ReadonlyMap<number, readonly Row[]> {
  const parts = new Map<number, Row[]>()
  for (const row of rows) parts.set(dayOf(row), [...(parts.get(dayOf(row)) ?? []), row])
  return parts
}

function sameRows(a: readonly UsageRow[], b: readonly UsageRow[]): boolean {
  const counts = new Map<string, number>()
  const count = (row: UsageRow, by: number): void => {
    const key = JSON.stringify(row)
    counts.set(key, (counts.get(key) ?? 0) + by)
  }
  for (const row of a) count(row, 1)
  for (const row of b) count(row, -1)
  return [...counts.values()].every((n) => n === 0)
}

function answer(tables: FakeTables, { text, params = {} }: Statement): readonly unknown[] {
  const number = (name: string): number => Number((params as Params)[name])
  if (text.includes('ecomind.watermarks')) {
    const own = tables.watermarks.filter((row) => row.partition === number('partition'))
    return [{ ms: String(Math.max(0, ...own.map((row) => row.watermarkMs))), rows: String(own.length) }]
  }
  const inRange = (row: { log_generation: number; log_partition: number; log_offset: number }): boolean =>
    row.log_generation === number('generation') &&
    row.log_partition === number('partition') &&
    row.log_offset >= number('from') &&
    row.log_offset < number('to')
  if (text.includes('ecomind.ingest_ledger')) {
    const found = tables.ledger.rows.filter((row) => isBatch(row, params))
    if (text.includes('org_id AS org')) return found.map((row) => ({ h: String(row.hour), org: row.org_id }))
    return [{ rows: String(found.length) }]
  }
  if (text.startsWith('SELECT count() AS rows')) return [{ rows: String(tables.usage.rows.filter(inRange).length) }]
  if (text.startsWith('SELECT toString(log_offset)')) {
    const rows = text.includes('ecomind.quarantine') ? tables.quarantine.rows : tables.usage.rows
    return rows.filter(inRange).map((row) => ({ o: String(row.log_offset), i: String(row.log_index) }))
  }
  if (text.includes('max(arrived_at)')) {
    return [{ ms: String(Math.max(0, ...tables.usage.rows.map((row) => row.arrived_at))) }]
  }
  const wanted = tables.usage.rows.filter((row) => isWantedCopy(row, params))
  if (text.includes('GROUP BY hour')) return hours(wanted)
  if (text.includes('content_hash AS hash')) return copies(wanted, number('hour'), number('slices'), number('slice'))
  throw new Error(`not faked: ${text}`)
}

function isBatch(row: LedgerRow, params: Params): boolean {
  return (
    row.log_generation === params['generation'] &&
    row.log_partition === params['partition'] &&
    row.log_offset === params['from']
  )
}

function isWantedCopy(row: UsageRow, params: Params): boolean {
  const { generation, partition, from, upTo, sinceMs } = params as Record<string, number | undefined>
  const own = row.log_generation === generation && row.log_partition === partition && row.log_offset < (upTo ?? 0)
  if (sinceMs === undefined) return own && row.log_offset >= (from ?? 0)
  return row.arrived_at >= sinceMs && (row.log_generation !== generation || own)
}

const HOUR_MS = 3_600_000

function hours(rows: readonly UsageRow[]): readonly unknown[] {
  const counts = new Map<number, number>()
  for (const row of rows) {
    const hour = Math.floor(row.arrived_at / HOUR_MS) * 3600
    counts.set(hour, (counts.get(hour) ?? 0) + 1)
  }
  return [...counts].map(([hour, count]) => ({ hour: String(hour), rows: String(count) }))
}

function copies(rows: readonly UsageRow[], hour: number, slices: number, slice: number): readonly unknown[] {
  return rows
    .filter((row) => Math.floor(row.arrived_at / HOUR_MS) * 3600 === hour && row.event_id.length % slices === slice)
    .map((row) => ({
      org_id: row.org_id,
      event_id: row.event_id,
      generation: row.log_generation,
      partition: row.log_partition,
      offset: String(row.log_offset),
      index: row.log_index,
      hash: row.content_hash,
      arrived: String(row.arrived_at),
    }))
}
