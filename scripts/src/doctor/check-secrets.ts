/** Passwords that everybody knows, and keys that are none. Says which setting it is, never what stands in it. */
import { ADDRESSES_WITH_PASSWORD, isKnownPassword, PASSWORD_SETTINGS, passwordsIn } from '@ecomind/schemas/keys'
import { type Finding, fault, ok, warning } from './finding.ts'

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/
const KEY_BYTES = 32
const PASSWORD_LENGTH_MIN = 12

export function secretsFindings(env: NodeJS.ProcessEnv): readonly Finding[] {
  const production = env['ECOMIND_MODE'] === 'production'
  const findings = [
    ...ADDRESSES_WITH_PASSWORD.flatMap((setting) => urlFindings(setting, env, production)),
    ...PASSWORD_SETTINGS.flatMap((setting) => passwordFindings(setting, env[setting], production)),
    ...keyFindings(env['ECOMIND_SECRET_KEYS']),
    ...ownerFindings(env['ECOMIND_INIT_OWNER_PASSWORD']),
  ]
  return findings.length > 0 ? findings : [ok('secrets', 'none of those that are set is a default')]
}

function urlFindings(
  setting: (typeof ADDRESSES_WITH_PASSWORD)[number],
  env: NodeJS.ProcessEnv,
  production: boolean,
): readonly Finding[] {
  // Its user and password may stand apart.
  const apart = env['CLICKHOUSE_PASSWORD'] ?? env['CLICKHOUSE_PASSWORD_FILE'] ?? env['CLICKHOUSE_CERT_FILE']
  if (setting === 'CLICKHOUSE_URL' && apart !== undefined) return []
  const addresses = (env[setting] ?? '').split(',').map((address) => address.trim())
  return addresses.flatMap((address) => addressFindings(setting, address, production)).slice(0, 1)
}

function addressFindings(setting: string, address: string, production: boolean): readonly Finding[] {
  const url = URL.parse(address)
  if (url === null) return []
  const passwords = passwordsIn(address).filter((password) => password !== '')
  // No user either: the server is open, or knows its clients by other means; that is said when it is not on this machine.
  const open = url.username === '' && passwords.length === 0
  if (open && LOOPBACK.test(url.hostname)) return []
  if (passwords.length > 0 && !passwords.some(isKnownPassword)) return []
  const detail = open ? 'carries no user and no password' : 'carries an empty password, or one that everybody knows'
  const mend = `give the user of ${setting} a long random password`
  const find = production && !open ? fault : warning
  return [find(`secret in ${setting}`, detail, mend)]
}

function passwordFindings(setting: string, password: string | undefined, production: boolean): readonly Finding[] {
  if (password === undefined || !isBad(password)) return []
  const detail = 'is empty, or one that everybody knows'
  return [(production ? fault : warning)(`secret in ${setting}`, detail, 'take a long random one')]
}

const isBad = (password: string): boolean => password === '' || isKnownPassword(password)

/** `id:base64 of 32 bytes`, separated by commas. */
function keyFindings(text: string | undefined): readonly Finding[] {
  if (text === undefined || text === '') return []
  const name = 'secret in ECOMIND_SECRET_KEYS'
  const mend = 'make one with: openssl rand -base64 32, and write it as id:key'
  return text.split(',').flatMap((entry, i) => {
    const at = `key ${i + 1}`
    const [id = '', key = ''] = entry.trim().split(/:(.*)/s)
    const bytes = Buffer.from(key, 'base64')
    if (id === '' || bytes.length !== KEY_BYTES)
      return [fault(name, `${at} is not id:base64 of ${KEY_BYTES} bytes`, mend)]
    if (new Set(bytes).size < 8) return [fault(name, `${at} is not random`, mend)]
    return []
  })
}

function ownerFindings(password: string | undefined): readonly Finding[] {
  if (password === undefined || (password.length >= PASSWORD_LENGTH_MIN && !isBad(password))) return []
  const detail = `is shorter than ${PASSWORD_LENGTH_MIN} characters, or one that everybody knows`
  return [fault('secret in ECOMIND_INIT_OWNER_PASSWORD', detail, 'take a long random one')]
}
