/**
 * Makes the files of a new PGlite cluster, in a process of its own: it takes some 700 MB for two seconds, which the
 * process that then opens it would keep. A folder that was cut off half made is made anew.
 */
import { execFile } from 'node:child_process'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'

const CREATE = `
const [library, folder] = process.argv.slice(1)
const { PGlite } = require(library)
PGlite.create(folder).then((db) => db.close())
`

/** Tests only: a cluster that nobody has used, to be copied. Hundreds of new ones would take minutes of processor time. */
const TEMPLATE = 'ECOMIND_CLUSTER_TEMPLATE'

/** Does nothing when the cluster is there. @throws Error when it can't be made */
export async function createCluster(folder: string): Promise<void> {
  if (existsSync(folder)) return
  const unfinished = `${folder}.new`
  rmSync(unfinished, { recursive: true, force: true })
  const template = process.env[TEMPLATE]
  if (template === undefined) await makeCluster(unfinished)
  else await cp(template, unfinished, { recursive: true })
  renameSync(unfinished, folder)
}

async function makeCluster(folder: string): Promise<void> {
  const library = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  await promisify(execFile)(process.execPath, ['-e', CREATE, library, folder], { env: {} })
}
