/** ClickHouse, in process or as a server: tables, the loader's inserts, queries, checks and the analysts' SQL port. */
export { type AnalystDesk, type DeskCaller, type DeskOptions, openAnalystDesk } from './analyst-desk.ts'
export { ANALYST_LIMITS, type AnalystLimits } from './analyst-settings.ts'
export {
  type AnalystAnswer,
  type AnalystCaller,
  type AnalystQuestion,
  type AnalystSql,
  openAnalystSql,
} from './analyst-sql.ts'
export { ANALYST_TABLES } from './analyst-tables.ts'
export { BlockBuffer } from './block-buffer.ts'
export { AnalystError } from './canonical-statement.ts'
export * from './clickhouse.ts'
export {
  type CompareOptions,
  compareRollups,
  RAW_KEPT_DAYS,
  type RollupDifference,
  type WhileLoadingPaused,
} from './compare-rollups.ts'
export { encodeLedgerRows } from './encode-ledger-rows.ts'
export { encodeMinuteColumns } from './encode-minute-columns.ts'
export { encodeQuarantineRows, encodeReplayRows } from './encode-quarantine-rows.ts'
export { encodeUsageColumns } from './encode-usage-columns.ts'
export { encodeUsageRows } from './encode-usage-rows.ts'
export { isDamage } from './engine-errors.ts'
export { type AppliedFactorSet, type AppliedRecord, publishFactorSet, readFactorSet } from './factor-tables.ts'
export { FOOTPRINT_COLUMNS } from './footprint-columns.ts'
export type { HttpTarget, HttpTls } from './http-target.ts'
export { insertUsageRows } from './insert-usage-rows.ts'
export { mendProjections, remakeProjections } from './mend-projections.ts'
export { MigrationError, migrate } from './migrate.ts'
export { MINUTE_STRIDE, type MinuteColumns, PLAIN_COUNTS, WIDE_SUMS } from './minute-layout.ts'
export { encodeMinuteRows } from './minute-rows.ts'
export { miscountedDays } from './miscounted-days.ts'
export {
  avroString,
  closeErasure,
  countPerson,
  emptyQuarantine,
  findInQuarantine,
  type Move,
  monthsOfPerson,
  moveInRollup,
  moveRaw,
  openErasure,
  type Person,
  removeRaw,
} from './move-person.ts'
export { type ClickHouseRole, type ClickHouseTarget, type OpenOptions, openClickHouse } from './open-clickhouse.ts'
export {
  isVersionEnough,
  probeSafety,
  requireSafety,
  type SafetyReport,
  VERSION_MIN,
  WINDOW_MIN,
} from './probe-safety.ts'
export { requireServer } from './probe-server.ts'
export {
  type AnalystAccount,
  type AnalystNames,
  analystNames,
  provisionStatements,
  withdrawStatements,
} from './provision-analysts.ts'
export { type OpenErasure, readRawGone } from './raw-gone.ts'
export { type RebuildOptions, type RebuildReport, rebuildRollups } from './rebuild-rollups.ts'
export {
  findOldRaw,
  forgetErasedIds,
  type KeptFrom,
  noteRemoval,
  noteRemovalDone,
  type OldRows,
  type Removal,
  removeOldLedger,
  removeOldQuarantine,
  removeOldRaw,
  unfinishedRemovals,
} from './remove-old-rows.ts'
export { ROLLUP_KEYS, ROLLUP_SUMS, ROLLUPS, type Rollup, rollupFromRaw, windowExpression } from './rollup-columns.ts'
export { openServerAnalystSql } from './server-analyst-sql.ts'
export {
  openSqlPort,
  type SqlPort,
  type SqlPortAccess,
  type SqlPortLogEntry,
  type SqlPortOptions,
} from './sql-port.ts'
export type { AnalystPrincipal, Authenticate, Credentials } from './sql-port-credentials.ts'
export type { StatementLogEntry } from './statement-log.ts'
export type { NameColumn, NameDictionary, NumberColumn, UsageColumns, ValueDictionary } from './usage-columns.ts'
export * from './usage-row.ts'
export { usageRowAt } from './usage-row-at.ts'
