import { inheritedEnvironment } from '../config.ts'
import { startProcess } from './managed-process.ts'
import { REPOSITORY } from './product.ts'

/** Runs statements on the database of a product whose core is stopped. @throws Error with what it printed */
export async function runOnStoppedDatabase(dataDir: string, statements: readonly string[]): Promise<string> {
  const shell = await startProcess({
    name: 'database shell',
    command: process.execPath,
    args: ['--import', 'tsx', `${REPOSITORY}/e2e/src/harness/run-statement.ts`, dataDir, ...statements],
    cwd: REPOSITORY,
    env: inheritedEnvironment(),
  })
  const exit = await shell.exited
  if (exit.code !== 0) throw new Error(`run statements: code ${exit.code}, signal ${exit.signal}\n${shell.output()}`)
  return shell.output()
}
