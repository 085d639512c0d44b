/** The serving API: questions in, JSON out. The process that owns the database starts it with `startApi`. */
export { type ApiConfig, apiSettings, ConfigError, readApiConfig } from './config.ts'
export type { HealthCheck, InFlightHour } from './context.ts'
export type { Database, Queries } from './database/database.ts'
export { type DatabaseTarget, openDatabase } from './database/open-database.ts'
export type { LoadFactorSet } from './factor-library.ts'
export { readAllOverrides, type StoredOverride } from './overrides/override-store.ts'
export type { RunningFactors } from './overrides/running-factors.ts'
export { type ApiDeps, type RunningApi, startApi } from './start-api.ts'
