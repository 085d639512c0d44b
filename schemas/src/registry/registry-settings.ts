/** The settings that name a schema registry, for the `config.ts` of every process that writes or reads the log. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const WAIT_MS_MAX = 600_000

const registryUrl = z
  .url({ protocol: /^https?$/, message: 'http://host:8081 or https://host/base/path is wanted' })
  .refine((text) => !URL.canParse(text) || (new URL(text).search === '' && new URL(text).hash === ''), {
    message: 'an address without ? and # is wanted',
  })

/** Every key with its default and a sentence; spread into the schema of the process. */
export const registrySettings = {
  SCHEMA_REGISTRY_URL: registryUrl
    .optional()
    .describe('with Kafka: gives the schema ids, base path and all; unset: ids of the schemas folder'),
  SCHEMA_REGISTRY_USER: z.string().min(1).optional().describe('who signs in to the registry'),
  SCHEMA_REGISTRY_PASSWORD: z.string().min(1).optional().describe('the password; a file keeps it out of process lists'),
  SCHEMA_REGISTRY_PASSWORD_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('path of a file whose first line is the password'),
  SCHEMA_REGISTRY_WAIT_MS: z
    .string()
    .regex(/^\d{1,6}$/, { message: `a whole number from 0 to ${WAIT_MS_MAX} is wanted` })
    .default('30000')
    .transform(Number)
    .refine((ms) => ms <= WAIT_MS_MAX, { message: `a whole number from 0 to ${WAIT_MS_MAX} is wanted` })
    .describe(
      'milliseconds, 0 to 600000: how long in an outage of the registry a record of an unknown schema is waited with',
    ),
} as const

export type RegistrySettings = z.output<z.ZodObject<typeof registrySettings>>

export interface RegistryTarget {
  /** Without credentials and without a slash at the end: fit to be shown. */
  readonly url: string
  readonly auth: { readonly username: string; readonly password: string } | null
  /** TopicNameStrategy: `<topic>-value`. */
  readonly subject: string
  readonly waitMs: number
}

/** The registry of an environment, whatever else in it is wrong; null without one, or when its own settings are faulty. */
export function registryOf(
  env: Readonly<Record<string, string | undefined>>,
  topic: string | null,
): RegistryTarget | null {
  const given = Object.fromEntries(Object.entries(env).filter(([, text]) => text !== ''))
  const parsed = z.object(registrySettings).safeParse(given)
  return parsed.success ? registryTarget(parsed.data, topic).registry : null
}

/** Null: no registry. Faults name their setting, one each; none carries a secret. */
export function registryTarget(
  s: RegistrySettings,
  topic: string | null,
): { readonly registry: RegistryTarget | null; readonly faults: readonly string[] } {
  const faults: string[] = []
  const password = passwordOf(s, faults)
  if (s.SCHEMA_REGISTRY_URL === undefined) {
    if (s.SCHEMA_REGISTRY_USER !== undefined || password !== undefined) {
      faults.push('SCHEMA_REGISTRY_URL: a sign-in to the registry is set, so its address is wanted')
    }
    return { registry: null, faults }
  }
  if (topic === null) faults.push('SCHEMA_REGISTRY_URL: KAFKA_BROKERS is wanted too; the embedded log has no registry')
  const url = new URL(s.SCHEMA_REGISTRY_URL)
  const auth = authOf(s, url, password, faults)
  url.username = ''
  url.password = ''
  const shown = url.toString().replace(/\/+$/, '')
  if (faults.length > 0) return { registry: null, faults }
  return {
    registry: { url: shown, auth, subject: `${topic}-value`, waitMs: s.SCHEMA_REGISTRY_WAIT_MS },
    faults,
  }
}

function authOf(s: RegistrySettings, url: URL, password: string | undefined, faults: string[]): RegistryTarget['auth'] {
  const username = s.SCHEMA_REGISTRY_USER
  const inAddress = url.username !== '' || url.password !== ''
  if (inAddress && (username !== undefined || password !== undefined)) {
    faults.push('SCHEMA_REGISTRY_USER: the address names a user too; one of them is wanted')
  }
  if (inAddress) return { username: decode(url.username), password: decode(url.password) }
  if ((username === undefined) !== (password === undefined)) {
    faults.push('SCHEMA_REGISTRY_USER, SCHEMA_REGISTRY_PASSWORD: both or neither are wanted')
  }
  return username === undefined ? null : { username, password: password ?? '' }
}

/** A lone percent sign is one. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function passwordOf(s: RegistrySettings, faults: string[]): string | undefined {
  const { SCHEMA_REGISTRY_PASSWORD: password, SCHEMA_REGISTRY_PASSWORD_FILE: path } = s
  if (path === undefined) return password
  if (password !== undefined) {
    faults.push('SCHEMA_REGISTRY_PASSWORD, SCHEMA_REGISTRY_PASSWORD_FILE: only one of them is wanted')
  }
  try {
    const [line = ''] = readFileSync(path, 'utf8').split(/\r?\n/, 1)
    if (line === '') faults.push('SCHEMA_REGISTRY_PASSWORD_FILE: its first line is empty')
    return line
  } catch (error) {
    faults.push(`SCHEMA_REGISTRY_PASSWORD_FILE: ${(error as NodeJS.ErrnoException).code ?? 'it can not be read'}`)
    return ''
  }
}
