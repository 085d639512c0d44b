/** An organisation as the control store keeps it, and the settings that it may state. */

import { z } from 'zod'
import { isTimeZone } from '../time/zone.ts'

const whole = (min: number, max: number) =>
  z
    .number({ message: `a whole number from ${min} to ${max} is wanted` })
    .int({ message: `a whole number from ${min} to ${max} is wanted` })
    .min(min, { message: `a whole number from ${min} to ${max} is wanted` })
    .max(max, { message: `a whole number from ${min} to ${max} is wanted` })

const settingRules = {
  pseudonyms: z
    .boolean({ message: 'true or false is wanted' })
    .describe('user ids are shown only to roles with `people:read`; others see stable pseudonyms'),
  people_min: whole(1, 1000).describe(
    'people that a breakdown by person must hold before it is shown to roles without `people:read`',
  ),
  events_per_second_max: whole(1, 10_000_000).nullable().describe('events a second over all keys; null: no bound'),
  events_per_day_max: whole(1, 1_000_000_000_000).nullable().describe('events a UTC day over all keys; null: no bound'),
  audit_retention_days: whole(365, 3650).describe('days that audit entries are kept'),
}

/** Each with its default, so that settings of an older version are read as they were meant. */
export const organisationSettings = z.strictObject({
  pseudonyms: settingRules.pseudonyms.default(false),
  people_min: settingRules.people_min.default(1),
  events_per_second_max: settingRules.events_per_second_max.default(null),
  events_per_day_max: settingRules.events_per_day_max.default(null),
  audit_retention_days: settingRules.audit_retention_days.default(3650),
})
export const organisationSettingsChange = z.strictObject(settingRules).partial()
export type OrganisationSettings = z.output<typeof organisationSettings>

export const organisationId = z
  .string({ message: '1 to 64 characters of A-Z a-z 0-9 _ . : - are wanted' })
  .regex(/^[A-Za-z0-9_.:-]{1,64}$/, { message: '1 to 64 characters of A-Z a-z 0-9 _ . : - are wanted' })
export const organisationName = z
  .string({ message: '1 to 200 characters are wanted' })
  .trim()
  .min(1, { message: '1 to 200 characters are wanted' })
  .max(200, { message: '1 to 200 characters are wanted' })
export const organisationZone = z
  .string({ message: 'a time zone by its IANA name is wanted, such as Europe/Berlin' })
  .refine(isTimeZone, { message: 'a time zone by its IANA name is wanted, such as Europe/Berlin' })
/** The table of raw events keeps none longer. */
export const RETENTION_DAYS_MAX = 1130
export const organisationRetention = whole(1, RETENTION_DAYS_MAX)

export interface Organisation {
  readonly id: string
  readonly name: string
  readonly timezone: string
  readonly retentionDays: number
  /** Of the installation: it runs it, may create others and sees what names no organisation. */
  readonly isFirst: boolean
  readonly settings: OrganisationSettings
  /** Two numbers of 64 bits as text, the key of its pseudonyms; null: there are none. */
  readonly pseudonymKey: readonly [string, string] | null
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Where a request learns of its organisation; answers may be some seconds old. */
export interface Organisations {
  /** Null: there is none, or it was deleted. @throws ApiError database_unavailable */
  find(orgId: string): Promise<Organisation | null>
}

/** Local mode without a control store: one organisation, with the zone of the settings. */
export function onlyOrganisation(id: string, timezone: string): Organisations {
  const at = new Date(0)
  const only: Organisation = {
    id,
    name: id,
    timezone,
    retentionDays: RETENTION_DAYS_MAX,
    isFirst: true,
    settings: organisationSettings.parse({}),
    pseudonymKey: null,
    version: 1,
    createdAt: at,
    updatedAt: at,
  }
  return { find: async (orgId) => (orgId === id ? only : null) }
}
