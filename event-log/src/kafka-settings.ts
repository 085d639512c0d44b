/** The settings of the connection to Kafka, for the `config.ts` of every process that opens the log. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { KafkaConnection, KafkaSasl, KafkaTls } from './kafka-options.ts'

const BROKERS = /^[^\s,:]+:\d{1,5}(\s*,\s*[^\s,:]+:\d{1,5})*$/
const SESSION = /^[1-9]\d{3,5}$/
const file = (what: string) => z.string().min(1).optional().describe(`path of a PEM file: ${what}`)

/** Every key with its default and a sentence; spread into the schema of the process. */
export const kafkaSettings = {
  KAFKA_BROKERS: z
    .string()
    .regex(BROKERS, { message: 'host:port is wanted, several separated by commas' })
    .optional()
    .describe('host:port, separated by commas; unset: the embedded log'),
  KAFKA_TOPIC: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,249}$/, {
      message: 'letters, digits, dots, dashes and underscores are wanted, 249 at most',
    })
    .optional()
    .describe('topic of the log; unset: ecomind.usage-events.v1'),
  KAFKA_TLS: z.enum(['true', 'false']).default('false').describe('true encrypts the connections to the brokers'),
  KAFKA_CA_FILE: file("the authority that signed the brokers' certificates; unset: the system's"),
  KAFKA_CERT_FILE: file('our certificate, where brokers ask for one'),
  KAFKA_KEY_FILE: file('the key of our certificate'),
  KAFKA_SASL_MECHANISM: z
    .enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])
    .optional()
    .describe('how to sign in; unset: not at all'),
  KAFKA_SASL_USERNAME: z.string().min(1).optional().describe('who signs in'),
  KAFKA_SASL_PASSWORD: z.string().min(1).optional().describe('the password; a file keeps it out of process lists'),
  KAFKA_SASL_PASSWORD_FILE: z.string().min(1).optional().describe('path of a file whose first line is the password'),
  KAFKA_SESSION_MS: z
    .string()
    .regex(SESSION, { message: 'a whole number from 1000 to 999999 is wanted' })
    .default('10000')
    .transform(Number)
    .describe('milliseconds, 1000 to 999999: silence after which a job counts as dead and others get its partitions'),
  KAFKA_CLIENT_DIR: z
    .string()
    .min(1)
    .optional()
    .describe('folder with @confluentinc/kafka-javascript in its node_modules; unset: ours, then the provisioned one'),
} as const

export type KafkaSettings = z.output<z.ZodObject<typeof kafkaSettings>>

export interface KafkaTarget extends KafkaConnection {
  readonly topic: string
  readonly sessionTimeoutMs: number
}

/** Null: Kafka is not used. Faults name their setting, one each. */
export function kafkaTarget(
  s: KafkaSettings,
  defaultTopic: string,
): { readonly kafka: KafkaTarget | null; readonly faults: readonly string[] } {
  if (s.KAFKA_BROKERS === undefined) return { kafka: null, faults: [] }
  const faults: string[] = []
  const target: KafkaTarget = {
    brokers: s.KAFKA_BROKERS.split(',').map((broker) => broker.trim()),
    topic: s.KAFKA_TOPIC ?? defaultTopic,
    sessionTimeoutMs: s.KAFKA_SESSION_MS,
    tls: tlsOf(s, faults),
    sasl: saslOf(s, faults),
    ...(s.KAFKA_CLIENT_DIR === undefined ? {} : { clientDir: s.KAFKA_CLIENT_DIR }),
  }
  return { kafka: faults.length === 0 ? target : null, faults }
}

function tlsOf(s: KafkaSettings, faults: string[]): KafkaTls | null {
  const { KAFKA_CA_FILE: caFile, KAFKA_CERT_FILE: certFile, KAFKA_KEY_FILE: keyFile } = s
  if (s.KAFKA_TLS === 'false') {
    const named = { KAFKA_CA_FILE: caFile, KAFKA_CERT_FILE: certFile, KAFKA_KEY_FILE: keyFile }
    for (const [key, value] of Object.entries(named)) {
      if (value !== undefined) faults.push(`${key}: without KAFKA_TLS=true nothing is encrypted`)
    }
    return null
  }
  if ((certFile === undefined) !== (keyFile === undefined)) {
    faults.push('KAFKA_CERT_FILE, KAFKA_KEY_FILE: both or neither are wanted')
  }
  return {
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
  }
}

function saslOf(s: KafkaSettings, faults: string[]): KafkaSasl | null {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username } = s
  const password = passwordOf(s, faults)
  if (mechanism === undefined) {
    if (username !== undefined || password !== undefined) faults.push('KAFKA_SASL_MECHANISM: wanted for a sign-in')
    return null
  }
  if (username === undefined) faults.push('KAFKA_SASL_USERNAME: wanted for a sign-in')
  if (password === undefined) faults.push('KAFKA_SASL_PASSWORD or KAFKA_SASL_PASSWORD_FILE: wanted for a sign-in')
  return { mechanism, username: username ?? '', password: password ?? '' }
}

function passwordOf(s: KafkaSettings, faults: string[]): string | undefined {
  const { KAFKA_SASL_PASSWORD: password, KAFKA_SASL_PASSWORD_FILE: path } = s
  if (path === undefined) return password
  if (password !== undefined) faults.push('KAFKA_SASL_PASSWORD, KAFKA_SASL_PASSWORD_FILE: only one of them is wanted')
  try {
    const [line = ''] = readFileSync(path, 'utf8').split(/\r?\n/, 1)
    if (line === '') faults.push('KAFKA_SASL_PASSWORD_FILE: its first line is empty')
    return line
  } catch (error) {
    faults.push(`KAFKA_SASL_PASSWORD_FILE: ${(error as Error).message}`)
    return ''
  }
}
