/**
 * The configuration the in-process engine starts with. chdb knows one user, `default`, and no log-in; what it does honour
 * is roles of a users file, per session (tried on chdb 3.4.0). So the user owns nothing itself: the role `ecomind_owner`
 * may do everything and is on from the start, and a session of an analyst gives it up with SET ROLE before it runs
 * anything: what is left is the views of analyst-views.ts. That is the second wall around analysts' SQL; the first is
 * analyst-statement.ts.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ANALYST_DATABASE } from './analyst-views.ts'

export const ANALYST_ROLE = 'ecomind_analyst'

/** Holds 30 days of `usage_1d` of some thousand users. The engine in process has none by itself, a server has 8 GB. */
const UNCOMPRESSED_CACHE_BYTES = 192 * 2 ** 20

/** Writes the files into `folder`. @returns the engine's command line */
export function writeEngineConfig(folder: string): readonly string[] {
  mkdirSync(folder, { recursive: true })
  const usersFile = join(folder, 'users.xml')
  const configFile = join(folder, 'config.xml')
  writeFileSync(usersFile, usersXml(), { mode: 0o600 })
  writeFileSync(configFile, configXml(usersFile), { mode: 0o600 })
  return [`--config-file=${configFile}`]
}

function configXml(usersFile: string): string {
  return `<clickhouse>
  <uncompressed_cache_size>${UNCOMPRESSED_CACHE_BYTES}</uncompressed_cache_size>
  <user_directories><users_xml><path>${escapeXml(usersFile)}</path></users_xml></user_directories>
</clickhouse>
`
}

function usersXml(): string {
  return `<clickhouse>
  <profiles><default><compile_expressions>0</compile_expressions><optimize_use_projections>0</optimize_use_projections></default></profiles>
  <quotas><default/></quotas>
  <roles>
    <ecomind_owner><grants><query>GRANT ALL ON *.* WITH GRANT OPTION</query></grants></ecomind_owner>
    <${ANALYST_ROLE}><grants><query>GRANT SELECT ON ${ANALYST_DATABASE}.*</query></grants></${ANALYST_ROLE}>
  </roles>
  <users>
    <default>
      <password></password>
      <networks><ip>::1</ip><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants><query>GRANT ecomind_owner</query><query>GRANT ${ANALYST_ROLE}</query></grants>
    </default>
  </users>
</clickhouse>
`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
