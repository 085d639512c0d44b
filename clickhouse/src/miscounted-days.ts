/**
 * Days on which a rollup lacks a block of rows or holds one twice, told by calls and tokens alone: a fifth of the work of
 * compareRollups, which computes eleven numbers of every raw event. A block has calls, so none is missed but where a
 * missing one and a double one of the same organisation and day add up to the same three sums.
 */
import type { ClickHouse } from './clickhouse.ts'
import { daysWithRaw, readRawGone, usersWithRaw } from './raw-gone.ts'
import { ROLLUPS, type Rollup } from './rollup-columns.ts'

const SIDES = 1 + ROLLUPS.length

/**
 * Rows of recomputations (generation above 0) have no part in it.
 * @param range UTC days, YYYY-MM-DD, both inclusive; raw events of them must still be kept
 * @returns days that seem to differ, ascending; while events are loaded some only seem to
 * @throws ClickHouseError
 */
export async function miscountedDays(
  ch: Pick<ClickHouse, 'query'>,
  range: { readonly fromDay: string; readonly toDay: string },
): Promise<readonly string[]> {
  const gone = await readRawGone(ch)
  const days = daysWithRaw(gone, { orgId: 'org_id', day: 'day' }, range.fromDay)
  const users = usersWithRaw(gone, 'r')
  const sides = [rawSide(usersWithRaw(gone, 'e').text), ...ROLLUPS.map((rollup) => rolledSide(rollup, users.text))]
  const found = await ch.query<{ day: string }>({
    text: `SELECT DISTINCT toString(day) AS day FROM (
        SELECT day, org_id FROM (${sides.join(' UNION ALL ')}) WHERE 1${days.text}
        GROUP BY day, org_id HAVING count() != ${SIDES} OR uniqExact(sums) != 1
      ) ORDER BY day`,
    params: { from: range.fromDay, to: range.toDay, ...days.params, ...users.params },
  })
  return found.map(({ day }) => day)
}

const within = (day: string, users: string): string =>
  `${day} >= {from:Date} AND ${day} <= {to:Date}${users} GROUP BY day, org_id`

/** @param users further conditions on the rows */
function rawSide(users: string): string {
  const day = "toDate(e.ts, 'UTC')"
  return `SELECT ${day} AS day, e.org_id AS org_id,
      (toInt64(count()), toInt64(sum(e.tokens_in)), toInt64(sum(e.tokens_out))) AS sums
    FROM ecomind.usage_events AS e WHERE ${within(day, users)}`
}

function rolledSide(rollup: Rollup, users: string): string {
  const day = "toDate(r.window_start, 'UTC')"
  return `SELECT ${day} AS day, r.org_id AS org_id,
      (toInt64(sum(r.calls)), toInt64(sum(r.tokens_in)), toInt64(sum(r.tokens_out))) AS sums
    FROM ecomind.${rollup} AS r WHERE r.generation = 0 AND ${within(day, users)}`
}
