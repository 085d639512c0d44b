/** The settings that name a ClickHouse server. They are read once; files are read here, and their secrets go no further. */
import { readFileSync } from 'node:fs'
import type { HttpTarget, HttpTls } from '@ecomind/clickhouse'
import { z } from 'zod'
import { wholeNumber } from './whole-number.ts'

const serverUrl = z
  .url({ protocol: /^https?$/, message: 'http://host:8123 or https://host:8443 is wanted' })
  .refine((url) => !URL.canParse(url) || (new URL(url).username === '' && new URL(url).password === ''), {
    message: 'addresses get into logs: put user and password into CLICKHOUSE_USER and CLICKHOUSE_PASSWORD',
  })
  .refine((url) => !URL.canParse(url) || new URL(url).search === '', {
    message: 'settings in the address are not taken: each statement carries its own',
  })

export const clickhouseSettings = {
  CLICKHOUSE_URL: serverUrl.optional().describe('a ClickHouse server or a cluster; unset: in-process ClickHouse'),
  CLICKHOUSE_USER: z.string().min(1).default('default').describe('log-in name on that server'),
  CLICKHOUSE_PASSWORD: z.string().optional().describe('its password; better in a file'),
  CLICKHOUSE_PASSWORD_FILE: z
    .string()
    .optional()
    .describe('a file with the password; one line end behind it is cut off'),
  CLICKHOUSE_CA_FILE: z
    .string()
    .optional()
    .describe('PEM of the authority that signed the server; unset: those of Node'),
  CLICKHOUSE_CERT_FILE: z.string().optional().describe('PEM certificate shown to the server; alone it is the log-in'),
  CLICKHOUSE_KEY_FILE: z.string().optional().describe('PEM key of that certificate'),
  CLICKHOUSE_CLUSTER: z
    .string()
    .regex(/^[A-Za-z_]\w{0,63}$/, { message: 'a name of letters, digits and _ is wanted' })
    .optional()
    .describe('cluster of the server for replicated and distributed tables; unset: one server with plain tables'),
  CLICKHOUSE_COMPRESSION: z
    .enum(['gzip', 'none'])
    .default('gzip')
    .describe('of inserts and answers: gzip saves network, none saves CPU'),
  CLICKHOUSE_CONNECT_MS: wholeNumber(100, 120_000, 10_000).describe(
    'milliseconds, 100 to 120000: until a connection stands, TLS included',
  ),
  CLICKHOUSE_REQUEST_MS: wholeNumber(1_000, 3_600_000, 120_000).describe(
    'milliseconds, 1000 to 3600000: one insert or question; after that its outcome is unknown and it is repeated',
  ),
  CLICKHOUSE_LONG_MS: wholeNumber(60_000, 86_400_000, 21_600_000).describe(
    'milliseconds, 1 minute to a day: migrations, rebuilds of rollups, recomputations',
  ),
} as const

type Given = z.output<z.ZodObject<typeof clickhouseSettings>>

/** The server of an environment, whatever else in it is wrong; null without one, or when its own settings are faulty. */
export function serverOf(env: Readonly<Record<string, string | undefined>>): HttpTarget | null {
  const given = Object.fromEntries(Object.entries(env).filter(([, text]) => text !== ''))
  const parsed = z.object(clickhouseSettings).safeParse(given)
  const faults: string[] = []
  const server = parsed.success ? readServer(parsed.data, faults) : null
  return faults.length === 0 ? server : null
}

/** Null without a server. Faults are added to the list, each with its setting's name; none carries a secret. */
export function readServer(given: Given, faults: string[]): HttpTarget | null {
  if (given.CLICKHOUSE_URL === undefined) return null
  const file = (key: keyof Given): Buffer | undefined => readNamedFile(key, given[key], faults)
  if (given.CLICKHOUSE_PASSWORD !== undefined && given.CLICKHOUSE_PASSWORD_FILE !== undefined) {
    faults.push('CLICKHOUSE_PASSWORD: CLICKHOUSE_PASSWORD_FILE is set too; one of them is wanted')
  }
  const password =
    file('CLICKHOUSE_PASSWORD_FILE')
      ?.toString()
      .replace(/\r?\n$/, '') ?? given.CLICKHOUSE_PASSWORD
  const tls = readTls(given, file, faults)
  return {
    kind: 'http',
    url: given.CLICKHOUSE_URL,
    username: given.CLICKHOUSE_USER,
    compression: given.CLICKHOUSE_COMPRESSION,
    timeouts: {
      connectMs: given.CLICKHOUSE_CONNECT_MS,
      requestMs: given.CLICKHOUSE_REQUEST_MS,
      longMs: given.CLICKHOUSE_LONG_MS,
    },
    ...(password === undefined ? {} : { password }),
    ...(tls === null ? {} : { tls }),
    ...(given.CLICKHOUSE_CLUSTER === undefined ? {} : { cluster: given.CLICKHOUSE_CLUSTER }),
  }
}

function readTls(given: Given, file: (key: keyof Given) => Buffer | undefined, faults: string[]): HttpTls | null {
  const ca = file('CLICKHOUSE_CA_FILE')
  const cert = file('CLICKHOUSE_CERT_FILE')
  const key = file('CLICKHOUSE_KEY_FILE')
  if ((given.CLICKHOUSE_CERT_FILE === undefined) !== (given.CLICKHOUSE_KEY_FILE === undefined)) {
    faults.push('CLICKHOUSE_CERT_FILE: CLICKHOUSE_KEY_FILE belongs to it; both are wanted')
  }
  if (ca === undefined && cert === undefined) return null
  if (given.CLICKHOUSE_URL?.startsWith('https:') !== true) {
    faults.push('CLICKHOUSE_URL: certificates are given, so https:// is wanted')
  }
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

function readNamedFile(name: string, path: unknown, faults: string[]): Buffer | undefined {
  if (typeof path !== 'string') return undefined
  try {
    return readFileSync(path)
  } catch (error) {
    faults.push(`${name}: ${path} can't be read: ${(error as NodeJS.ErrnoException).code ?? 'no reason given'}`)
    return undefined
  }
}
