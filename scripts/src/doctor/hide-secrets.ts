/** Nothing that the doctor prints holds a password or a key: they are looked up in the settings and blotted out. */

import { ADDRESSES_WITH_PASSWORD, passwordsIn } from '@ecomind/schemas/keys'

const SECRET_NAME = /PASSWORD|SECRET|TOKEN|ADMIN_KEY|PRIVATE/
/** Words that stand in addresses anyway are no secrets worth hiding: hiding them would garble the report. */
const LENGTH_MIN = 4

/** Every secret of the settings, as written and as it reads without URL escapes; longest first. */
export function secretsOf(env: NodeJS.ProcessEnv): readonly string[] {
  const found = new Set<string>()
  for (const name of ADDRESSES_WITH_PASSWORD) {
    const password = passwordOf(env[name])
    const inQueries = [...(env[name] ?? '').matchAll(/[?&]password=([^&#,]*)/g)].map(([, text = '']) => text)
    for (const text of [password, decoded(password), ...inQueries, ...passwordsIn(env[name] ?? '')]) found.add(text)
  }
  for (const [name, value = ''] of Object.entries(env)) {
    // The path of a secret's file is none.
    if (!SECRET_NAME.test(name) || name.endsWith('_FILE')) continue
    // Lists of `id:key` hold several.
    for (const part of [
      value,
      ...value.split(','),
      ...value.split(',').map((entry) => entry.split(':').at(-1) ?? ''),
    ]) {
      found.add(part.trim())
    }
  }
  return [...found].filter((text) => text.length >= LENGTH_MIN).sort((a, b) => b.length - a.length)
}

export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
}

/** An address to show: without user and password, and without the query, which can carry both. */
export function shownUrl(address: string): string {
  const url = URL.parse(address)
  return url === null ? '(not an address)' : `${url.protocol}//${url.host}${url.pathname}`
}

/** '' when there is none, also in an address that can't be parsed: of that, everything between // and @ but the user. */
export function passwordOf(address: string | undefined): string {
  return /^[a-z0-9+.-]+:\/\/[^:/?#@]*:(.*)@/i.exec(address ?? '')?.[1] ?? ''
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
