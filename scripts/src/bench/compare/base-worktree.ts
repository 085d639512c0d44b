/**
 * A temporary checkout of another commit that can run this suite: the product of that commit, the benchmarks of this one.
 * Packages are shared when the lock file is the same, else installed.
 */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { git } from './base-revision.ts'

const SUITE = 'scripts/src/bench'
/** npm's links to the workspaces; they must point into the other checkout. */
const OWN_SCOPE = '@ecomind'

export interface BaseWorktree {
  readonly dir: string
  remove(): void
}

export function openBaseWorktree(root: string, commit: string): BaseWorktree {
  const parent = mkdtempSync(join(tmpdir(), 'ecomind-bench-base-'))
  const dir = join(parent, 'ecomind')
  const remove = () => {
    if (existsSync(dir)) git(root, 'worktree', 'remove', '--force', dir)
    rmSync(parent, { recursive: true, force: true })
  }
  try {
    git(root, 'worktree', 'add', '--quiet', '--detach', dir, commit)
    rmSync(join(dir, SUITE), { recursive: true, force: true })
    cpSync(join(root, SUITE), join(dir, SUITE), { recursive: true })
    const lock = (at: string) => readFileSync(join(at, 'package-lock.json'), 'utf8')
    if (lock(dir) === lock(root)) sharePackages(root, dir)
    else execFileSync('npm', ['ci', '--silent'], { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] })
    return { dir, remove }
  } catch (error) {
    remove()
    throw error
  }
}

function sharePackages(root: string, dir: string): void {
  const [from, to] = [join(root, 'node_modules'), join(dir, 'node_modules')]
  mkdirSync(join(to, OWN_SCOPE), { recursive: true })
  for (const name of readdirSync(from)) if (name !== OWN_SCOPE) symlinkSync(join(from, name), join(to, name))
  for (const name of readdirSync(join(from, OWN_SCOPE)))
    symlinkSync(readlinkSync(join(from, OWN_SCOPE, name)), join(to, OWN_SCOPE, name))
}
