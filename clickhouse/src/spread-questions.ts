/**
 * Questions side by side. A connection runs one statement after the other, and an answer may be made of several; so each
 * question goes to the connection that has the fewest under way. Everything else goes to the first, in its order.
 */
import type { ClickHouse } from './clickhouse.ts'

interface Lane {
  readonly connection: ClickHouse
  pending: number
}

/** @param connections at least one, of one role */
export function spreadQuestions(connections: readonly [ClickHouse, ...ClickHouse[]]): ClickHouse {
  const [first] = connections
  const lanes = connections.map((connection): Lane => ({ connection, pending: 0 }))
  return {
    query: async (statement, limits) => {
      const lane = lanes.reduce((best, other) => (other.pending < best.pending ? other : best))
      lane.pending++
      try {
        return await lane.connection.query(statement, limits)
      } finally {
        lane.pending--
      }
    },
    command: async (statement) => await first.command(statement),
    insertNative: async (...args) => await first.insertNative(...args),
    close: async () => {
      await Promise.all(connections.map((connection) => connection.close()))
    },
  }
}
