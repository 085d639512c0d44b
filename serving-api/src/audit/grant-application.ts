/**
 * The role of an application that can add to the audit trail and never change it: rights on every table, but on those
 * that only grow no more than reading and adding. To be called by the owner of the tables, again after every update.
 */
import type { Database } from '../database/database.ts'

export const APPLICATION_ROLE = 'ecomind_app'

const ONLY_GROWS = ['audit_entries', 'audit_checkpoints', 'factor_override_versions']
const ONLY_READ = ['audit_heads', 'schema_migrations']

/** @throws DatabaseError; RangeError for a name that would need quotes */
export async function grantApplication(database: Database, role: string = APPLICATION_ROLE): Promise<void> {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(role))
    throw new RangeError(`grant rights: ${JSON.stringify(role)}, a name of small letters, digits and _ is wanted`)
  const [found] = await database.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role])
  if (found === undefined) await database.script(`CREATE ROLE ${role} NOLOGIN`)
  const tables = (names: readonly string[]) => names.map((name) => `ecomind.${name}`).join(', ')
  await database.script(`BEGIN;
    GRANT USAGE ON SCHEMA ecomind TO ${role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ecomind TO ${role};
    REVOKE UPDATE, DELETE, TRUNCATE ON ${tables(ONLY_GROWS)} FROM ${role};
    REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ${tables(ONLY_READ)} FROM ${role};
    GRANT EXECUTE ON FUNCTION ecomind.lock_audit_head(text) TO ${role};
    REVOKE EXECUTE ON FUNCTION ecomind.remove_audit_entries(text, bigint) FROM ${role};
    COMMIT;`)
}
