/**
 * What analysts of one organisation need on a ClickHouse server, as statements: a database of views that hold the
 * organisation's rows, a user without log-in with whose rights they read and whom row policies bind, a user to log in as,
 * and a role for `POST /v1/sql`. All can be run again.
 */
import { createHash } from 'node:crypto'
import type { AnalystLimits } from './analyst-settings.ts'
import { ANALYST_TABLES, type AnalystTable } from './analyst-tables.ts'
import { ownRowsOf, viewStatements } from './analyst-views.ts'
import { checkIdentifier, quoteString } from './sql-literals.ts'

export interface AnalystAccount {
  readonly orgId: string
  readonly password: string
  readonly limits: AnalystLimits
  /** User that this product logs in as; may take the role for `POST /v1/sql`. */
  readonly apiUser: string
}

export interface AnalystNames {
  readonly database: string
  readonly user: string
  readonly reader: string
  readonly role: string
  readonly profile: string
}

/** Different organisations never share a name: every character that is no letter or digit becomes `_` and its code. */
export function analystNames(orgId: string): AnalystNames {
  if (!/^[A-Za-z0-9_.:-]{1,64}$/.test(orgId))
    throw new RangeError('analyst names: an organisation id has 1 to 64 of A-Z a-z 0-9 _ . : -')
  const slug = orgId.replace(/[^A-Za-z0-9]/g, (c) => `_${c.charCodeAt(0).toString(16)}`)
  return {
    database: checkIdentifier(`ecomind_org_${slug}`),
    user: checkIdentifier(`ecomind_analyst_${slug}`),
    reader: checkIdentifier(`ecomind_reader_${slug}`),
    role: checkIdentifier(`ecomind_role_${slug}`),
    profile: checkIdentifier(`ecomind_profile_${slug}`),
  }
}

/** In the order to run them in. The password is in them as its SHA-256 only. */
export function provisionStatements(account: AnalystAccount): readonly string[] {
  const { orgId, password, limits, apiUser } = account
  const names = analystNames(orgId)
  const orgIds = `[${quoteString(orgId)}]`
  const hash = createHash('sha256').update(password).digest('hex')
  return [
    `CREATE USER IF NOT EXISTS ${names.reader} IDENTIFIED WITH no_password HOST NONE`,
    ...ANALYST_TABLES.flatMap((table) => readerRights(table, names, orgIds)),
    ...viewStatements({ database: names.database, definer: names.reader, orgIds }),
    `GRANT SELECT ON ${names.database}.* TO ${names.reader}`,
    `CREATE ROLE IF NOT EXISTS ${names.role}`,
    `GRANT SELECT ON ${names.database}.* TO ${names.role}`,
    `CREATE SETTINGS PROFILE OR REPLACE ${names.profile} SETTINGS ${profileSettings(limits).join(', ')}`,
    `CREATE USER OR REPLACE ${names.user} IDENTIFIED WITH sha256_hash BY ${quoteString(hash)} DEFAULT DATABASE ${names.database} SETTINGS PROFILE ${quoteString(names.profile)}`,
    `GRANT ${names.role} TO ${names.user}, ${checkIdentifier(apiUser)}`,
    `SET DEFAULT ROLE ${names.role} TO ${names.user}`,
    // Else every question of our own would be bound by the policies of all organisations.
    `SET DEFAULT ROLE ALL EXCEPT ${names.role} TO ${checkIdentifier(apiUser)}`,
  ]
}

/** Takes everything back, the other way round. */
export function withdrawStatements(orgId: string): readonly string[] {
  const names = analystNames(orgId)
  return [
    `DROP USER IF EXISTS ${names.user}`,
    `DROP ROLE IF EXISTS ${names.role}`,
    `DROP DATABASE IF EXISTS ${names.database} SYNC`,
    ...ANALYST_TABLES.map((table) => `DROP ROW POLICY IF EXISTS ${names.reader} ON ecomind.${table}`),
    `DROP SETTINGS PROFILE IF EXISTS ${names.profile}`,
    `DROP USER IF EXISTS ${names.reader}`,
  ]
}

function readerRights(table: AnalystTable, names: AnalystNames, orgIds: string): readonly string[] {
  const own = ownRowsOf(table, orgIds)
  return [
    `GRANT SELECT ON ecomind.${table} TO ${names.reader}`,
    `CREATE ROW POLICY OR REPLACE ${names.reader} ON ecomind.${table} FOR SELECT USING ${own} AS PERMISSIVE TO ${names.reader}`,
  ]
}

/** `readonly = 2`: drivers of BI tools set how an answer looks; the limits can only be made narrower. */
function profileSettings(limits: AnalystLimits): readonly string[] {
  const bounded: Readonly<Record<string, number>> = {
    max_execution_time: limits.maxExecutionMs / 1000,
    max_memory_usage: limits.maxMemoryBytes,
    max_result_rows: limits.maxResultRows,
    max_result_bytes: limits.maxResultBytes,
    max_threads: limits.maxThreads,
    max_concurrent_queries_for_user: 2,
  }
  return [
    ...Object.entries(bounded).map(([name, value]) => `${name} = ${value} MIN 1 MAX ${value}`),
    `timeout_overflow_mode = 'throw' CONST`,
    `result_overflow_mode = 'throw' CONST`,
    'allow_ddl = 0 CONST',
    'allow_introspection_functions = 0 CONST',
    'log_queries = 1 CONST',
    'readonly = 2 CONST',
  ]
}
