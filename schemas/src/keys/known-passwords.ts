/** Passwords that everybody knows: those of images, guides and our own demo. Production starts with none of them. */

const KNOWN =
  /^(admin|clickhouse|default|ecomind|example|guest|letmein|passw(or|0r)d|postgres|qwerty|redis|root|secret|test|welcome)\d*!?$|^1234\d*$|(^|[-_ ])change[-_ ]?(me|it)\d*!?$/i
/** Addresses that carry the password of their server, and settings that are one. */
export const ADDRESSES_WITH_PASSWORD = ['DATABASE_URL', 'CLICKHOUSE_URL', 'REDIS_URL', 'SCHEMA_REGISTRY_URL'] as const
export const PASSWORD_SETTINGS = ['CLICKHOUSE_PASSWORD', 'KAFKA_SASL_PASSWORD'] as const

export function isKnownPassword(password: string): boolean {
  return KNOWN.test(password)
}

/** A line for each setting of production whose password is known; none in local mode. No line holds the password. */
export function knownPasswordFaults(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  if (env['ECOMIND_MODE'] !== 'production') return []
  const passwords = [
    ...ADDRESSES_WITH_PASSWORD.flatMap((name) =>
      passwordsIn(env[name] ?? '').map((password) => [name, password] as const),
    ),
    ...PASSWORD_SETTINGS.map((name) => [name, env[name] ?? ''] as const),
  ]
  const names = new Set(passwords.filter(([, password]) => isKnownPassword(password)).map(([name]) => name))
  return [...names].map(
    (name) => `${name}: its password is one that everybody knows; production wants a long random one`,
  )
}

/** Of each address of a list, '' where it has none; a driver may take it from the query as well. */
export function passwordsIn(addresses: string): readonly string[] {
  return addresses.split(',').flatMap((address) => {
    const url = URL.parse(address.trim())
    return url === null ? [] : [decoded(url.password), url.searchParams.get('password') ?? '']
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
