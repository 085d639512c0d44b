/** `npm run audit -- verify`: whether the audit trail is whole; and what else an operator does to it. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  APPLICATION_ROLE,
  auditedOrganisations,
  connectDatabase,
  type Database,
  grantApplication,
  headKeysOf,
  openDatabase,
  removeOldEntries,
  shownHead,
  signNow,
  type Verification,
  verifyTrail,
} from '@ecomind/serving-api'
import { pino } from 'pino'
import { type AuditOptions, readOptions } from './options.ts'
import { readPublishedHeads } from './read-published-heads.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
const HELP = `npm run audit -- verify [--org ID] [--json] [--heads FILE]
    Recomputes every trail, or that of one organisation: entries, links, head, signed heads. --heads takes signed heads
    that were kept elsewhere, such as the log of the API. Changes nothing. Exit code 1 on a fault.
npm run audit -- sign [--org ID]
    Signs every trail up to its last entry and prints the new heads, one line of JSON each.
npm run audit -- remove-old
    Removes entries that are older than the organisation's setting audit_retention_days.
npm run audit -- grant [--role ${APPLICATION_ROLE}]
    Brings the tables up to date and gives the role of the application its rights: to add to the trail, not to change it.
    As the owner of the tables, again after every update.

DATABASE_URL names the control store; without it the folder of ECOMIND_DATA_DIR is opened, for which the product has to
be stopped. ECOMIND_SECRET_KEYS (or ..._FILE) checks and makes signatures.
`

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env, ROOT)
  if (options === null) return say(HELP)
  const database = await open(options)
  try {
    await run(options, database)
  } finally {
    await database.close()
  }
}

async function open({ command, target }: AuditOptions): Promise<Database> {
  if (target.kind === 'pglite' && !existsSync(target.folder))
    throw new Error(`there is no control store in ${target.folder}; set ECOMIND_DATA_DIR or DATABASE_URL`)
  try {
    return command === 'verify' ? await connectDatabase(target) : await openDatabase(target)
  } catch (error) {
    if (target.kind !== 'pglite') throw error
    const advice = 'stop the product first, or ask it: GET /v1/audits/verify'
    throw new Error(`${(error as Error).message}\n${advice}`, { cause: error })
  }
}

async function run(options: AuditOptions, database: Database): Promise<void> {
  const keys = options.keyRing === null ? null : headKeysOf(options.keyRing)
  const now = new Date()
  switch (options.command) {
    case 'verify':
      return await verify(options, database)
    case 'sign': {
      if (keys === null) return
      const logger = pino({ level: 'error' }, pino.destination(2))
      for (const orgId of await organisationsOf(options, database)) {
        for (const head of await signNow({ database, keys, logger }, orgId, now))
          say(`${JSON.stringify({ audit_head: shownHead(head) })}\n`)
      }
      return
    }
    case 'remove-old': {
      const removals = await removeOldEntries(database, keys, now)
      if (removals === null) throw new Error('this role may not remove entries; use that of the owner of the tables')
      for (const r of removals) say(`${r.orgId}: removed ${r.entries} entries, up to number ${r.throughSeq}\n`)
      return removals.length === 0 ? say('No entry is too old.\n') : undefined
    }
    case 'grant':
      await grantApplication(database, options.role)
      return say(
        `${options.role ?? APPLICATION_ROLE} can read and add to the audit trail, and neither change nor remove.\n`,
      )
  }
}

async function verify(options: AuditOptions, database: Database): Promise<void> {
  const keys = options.keyRing === null ? null : headKeysOf(options.keyRing)
  const published = options.headsFile === null ? [] : readPublishedHeads(options.headsFile)
  const trails: Verification[] = []
  for (const orgId of await organisationsOf(options, database)) {
    const trail = await verifyTrail(database, orgId, keys, published)
    trails.push(trail)
    if (!options.json) say(`${asLine(trail)}\n`)
  }
  const ok = trails.every((trail) => trail.fault === null)
  if (options.json) say(`${JSON.stringify({ ok, trails }, null, 2)}\n`)
  else if (keys === null) say('Signatures were not checked: ECOMIND_SECRET_KEYS is not set.\n')
  if (!ok) process.exitCode = 1
}

async function organisationsOf({ orgId }: AuditOptions, database: Database): Promise<readonly string[]> {
  const all = await auditedOrganisations(database)
  if (orgId === null) return all
  if (!all.includes(orgId)) throw new Error(`there is no audit trail of ${orgId}`)
  return [orgId]
}

function asLine({ orgId, entries, fault, signed }: Verification): string {
  if (fault !== null)
    return `fault  ${orgId}  ${fault.kind}: ${fault.message}${fault.id === null ? '' : ` (id ${fault.id})`}`
  const until = signed === null ? 'no head is signed' : `signed up to entry ${signed.seq} of ${signed.day}`
  return `ok     ${orgId}  ${entries} entries, ${until}`
}

function say(text: string): void {
  process.stdout.write(text)
}

await main().catch((error: unknown) => {
  process.stderr.write(`audit: ${(error as Error).message}\n`)
  process.exitCode = 1
})
