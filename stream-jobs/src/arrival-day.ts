/** Days of arrival, counted from the epoch in UTC. The dedupe window is measured in them: no clock takes part. */

export const DAY_MS = 86_400_000

export function arrivalDay(arrivedAtMs: number): number {
  return Math.floor(arrivedAtMs / DAY_MS)
}

/** Shortest time an event id is honoured after its first arrival, in days (contract section 3). */
export const RETENTION_DAYS_MIN = 35

/** True while a first copy of that day still makes a copy of this day a duplicate. */
export function isWithinRetention(firstDay: number, thisDay: number, retentionDays: number): boolean {
  return thisDay - firstDay <= retentionDays
}
