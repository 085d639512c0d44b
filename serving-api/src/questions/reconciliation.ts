/**
 * Is every accepted event accounted for? Per hour of arrival: what the loader counted (`ingest_ledger`) beside what is
 * really in `usage_events` or was there until it was removed on purpose, asked in one statement so that all sides are of
 * one moment.
 */
import { ownRows, type Question, question } from './question.ts'

interface Row {
  readonly org: string
  readonly hour_s: string
  readonly accepted: string
  readonly stored: string
  readonly duplicate: string
  readonly quarantined: string
}

export interface HourCounts {
  readonly orgId: string
  readonly hourMs: number
  /** Read from the log by the loader; what is still in the log is not in it. */
  readonly loaded: number
  readonly stored: number
  readonly duplicate: number
  readonly quarantined: number
}

/** Both bounds are full hours, epoch milliseconds. */
export function reconciliationQuestion(
  fromMs: number,
  toMs: number,
  rowsMax: number,
): Question<Row, readonly HourCounts[]> {
  return question<Row, readonly HourCounts[]>({
    name: 'reconciliation',
    text: [
      'SELECT org, hour_s, sum(a) AS accepted, sum(s) AS stored, sum(d) AS duplicate, sum(q) AS quarantined',
      'FROM (SELECT toString(org_id) AS org, toInt64(toUnixTimestamp(hour)) AS hour_s, sum(accepted) AS a,',
      '  toInt64(0) AS s, sum(duplicate) AS d, sum(quarantined) AS q',
      `FROM ${ownRows('ingest_ledger')}`,
      "  AND hour >= toDateTime({from_s:UInt32}, 'UTC') AND hour < toDateTime({to_s:UInt32}, 'UTC')",
      'GROUP BY org, hour_s',
      'UNION ALL',
      'SELECT toString(org_id) AS org, toInt64(intDiv(toUnixTimestamp(arrived_at), 3600) * 3600) AS hour_s, toInt64(0) AS a,',
      '  toInt64(count()) AS s, toInt64(0) AS d, toInt64(0) AS q',
      `FROM ${ownRows('usage_events')}`,
      "  AND arrived_at >= toDateTime({from_s:UInt32}, 'UTC') AND arrived_at < toDateTime({to_s:UInt32}, 'UTC')",
      'GROUP BY org, hour_s',
      'UNION ALL',
      'SELECT toString(org_id) AS org, toInt64(toUnixTimestamp(arrived_at)) AS hour_s, toInt64(0) AS a,',
      '  toInt64(uniqExact(log_generation, log_partition, log_offset, log_index)) AS s, toInt64(0) AS d, toInt64(0) AS q',
      `FROM ${ownRows('erased_events')}`,
      "  AND arrived_at >= toDateTime({from_s:UInt32}, 'UTC') AND arrived_at < toDateTime({to_s:UInt32}, 'UTC')",
      'GROUP BY org, hour_s',
      'UNION ALL',
      'SELECT org, hour_s, toInt64(0) AS a, toInt64(sum(r)) AS s, toInt64(0) AS d, toInt64(0) AS q',
      'FROM (SELECT toString(org_id) AS org, toInt64(toUnixTimestamp(hour)) AS hour_s, run, max(removed) AS r',
      `FROM ${ownRows('raw_removals')}`,
      "  AND hour >= toDateTime({from_s:UInt32}, 'UTC') AND hour < toDateTime({to_s:UInt32}, 'UTC')",
      'GROUP BY org, hour_s, run)',
      'GROUP BY org, hour_s)',
      'GROUP BY org, hour_s ORDER BY hour_s, org',
    ].join('\n'),
    params: { from_s: fromMs / 1000, to_s: toMs / 1000 },
    limits: { maxResultRows: rowsMax },
    read: (rows) => rows.map(readRow),
  })
}

function readRow(row: Row): HourCounts {
  return {
    orgId: row.org,
    hourMs: Number(row.hour_s) * 1000,
    loaded: Number(row.accepted),
    stored: Number(row.stored),
    duplicate: Number(row.duplicate),
    quarantined: Number(row.quarantined),
  }
}
