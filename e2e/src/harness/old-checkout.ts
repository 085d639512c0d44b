/** An earlier version of this repository in a folder of its own, from git's history, on the packages that are installed here. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { REPOSITORY } from './product.ts'

const run = promisify(execFile)
const OURS = '@ecomind'

/** False in a clone without that much history, and without git. */
export async function knowsCommit(commit: string): Promise<boolean> {
  return await run('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: REPOSITORY }).then(
    () => true,
    () => false,
  )
}

/** Returns the folder and what removes it. */
export async function checkOut(commit: string): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'ecomind-old-'))
  const archive = join(folder, 'old.tar')
  await run('git', ['archive', '--output', archive, commit], { cwd: REPOSITORY })
  await run('tar', ['-xf', archive, '-C', folder])
  const packages = join(folder, 'node_modules')
  await mkdir(join(packages, OURS), { recursive: true })
  const installed = join(REPOSITORY, 'node_modules')
  for (const name of await readdir(installed)) {
    if (name !== OURS) await symlink(join(installed, name), join(packages, name))
  }
  // Its own workspaces, not ours: a package of that name is the folder of that name.
  for (const name of await readdir(join(installed, OURS))) {
    await symlink(join(folder, name), join(packages, OURS, name))
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
