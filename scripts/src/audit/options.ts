/** What the audit command is asked to do, and what of the environment it needs; all faults at once. */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type KeyRing, keyRingOf } from '@ecomind/schemas/keys'
import type { DatabaseTarget } from '@ecomind/serving-api'

export const COMMANDS = ['verify', 'sign', 'remove-old', 'grant'] as const
export type Command = (typeof COMMANDS)[number]

export interface AuditOptions {
  readonly command: Command
  /** Null: every organisation. */
  readonly orgId: string | null
  readonly json: boolean
  /** File with signed heads, such as the log of the API; null: none. */
  readonly headsFile: string | null
  readonly role: string | undefined
  readonly target: DatabaseTarget
  readonly keyRing: KeyRing | null
}

/** Null: help is wanted. @throws Error with every fault, one a line */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv, root: string): AuditOptions | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      org: { type: 'string' },
      json: { type: 'boolean' },
      heads: { type: 'string' },
      role: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) return null
  const { ring, faults: ringFaults } = keyRingOf(env)
  const faults = [...ringFaults]
  const command = COMMANDS.find((c) => c === positionals[0])
  if (command === undefined || positionals.length > 1) faults.push(`command: one of ${COMMANDS.join(', ')} is wanted`)
  if (command === 'sign' && ring === null && ringFaults.length === 0)
    faults.push('ECOMIND_SECRET_KEYS: is required to sign')
  if (command === 'grant' && env['DATABASE_URL'] === undefined)
    faults.push('DATABASE_URL: is required to grant rights, as the owner of the tables')
  if (command === undefined || faults.length > 0) throw new Error(`audit:\n${faults.map((f) => `  ${f}`).join('\n')}`)
  return {
    command,
    orgId: values.org ?? null,
    json: values.json === true,
    headsFile: values.heads ?? null,
    role: values.role,
    target: targetOf(env, root),
    keyRing: ring,
  }
}

function targetOf(env: NodeJS.ProcessEnv, root: string): DatabaseTarget {
  const { DATABASE_URL: url, ECOMIND_DATA_DIR: dataDir } = env
  if (url !== undefined && url !== '') return { kind: 'postgres', url }
  return {
    kind: 'pglite',
    folder: resolve(root, dataDir === undefined || dataDir === '' ? 'data' : dataDir, 'control'),
  }
}
