/** The serving API: questions in, JSON out. The process that owns the database starts it with `startApi`. */
export { type ApiConfig, apiSettings, ConfigError, readApiConfig } from './config.ts'
export type { HealthCheck, InFlightHour } from './context.ts'
export type { LoadFactorSet } from './factor-library.ts'
export { type ApiDeps, type RunningApi, startApi } from './start-api.ts'
