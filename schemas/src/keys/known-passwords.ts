/** Passwords that everybody knows: those of images, guides and our own demo. Production starts with none of them. */

const KNOWN =
  /^(admin|clickhouse|default|ecomind|example|guest|letmein|password|postgres|redis|root|secret|test|1234\d*)$|change[-_ ]?(me|it)/i
/** Addresses that carry the password of their server, and settings that are one. */
const ADDRESSES = ['DATABASE_URL', 'CLICKHOUSE_URL', 'REDIS_URL', 'SCHEMA_REGISTRY_URL'] as const
const PASSWORDS = ['CLICKHOUSE_PASSWORD', 'KAFKA_SASL_PASSWORD'] as const

export function isKnownPassword(password: string): boolean {
  return KNOWN.test(password)
}

/** A line for each setting of production whose password is known; none in local mode. No line holds the password. */
export function knownPasswordFaults(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  if (env['ECOMIND_MODE'] !== 'production') return []
  const passwords = [
    ...ADDRESSES.map((name) => [name, passwordIn(env[name] ?? '')] as const),
    ...PASSWORDS.map((name) => [name, env[name] ?? ''] as const),
  ]
  return passwords
    .filter(([, password]) => isKnownPassword(password))
    .map(([name]) => `${name}: its password is one that everybody knows; production wants a long random one`)
}

function passwordIn(address: string): string {
  const password = URL.parse(address)?.password ?? ''
  try {
    return decodeURIComponent(password)
  } catch {
    return password
  }
}
