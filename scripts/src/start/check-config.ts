/** `npm start -- --check-config`: the supervisor and each process it would start check their own settings. */
import { execFile } from 'node:child_process'
import { readStartSettings } from './settings.ts'

/** What is wrong with the settings, one text per process that complains; empty when all are valid. */
export async function checkConfig(
  env: NodeJS.ProcessEnv,
  root: string,
  entries: readonly string[],
): Promise<readonly string[]> {
  const complaints = await Promise.all([checkOwn(env, root), ...entries.map((entry) => checkChild(env, root, entry))])
  return complaints.filter((text) => text !== '')
}

async function checkOwn(env: NodeJS.ProcessEnv, root: string): Promise<string> {
  try {
    readStartSettings(env, root)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

function checkChild(env: NodeJS.ProcessEnv, root: string, entry: string): Promise<string> {
  return new Promise((resolve) => {
    const args = ['--import', 'tsx', entry, '--check-config']
    execFile(process.execPath, args, { cwd: root, env, timeout: 60_000 }, (error, _stdout, stderr) => {
      resolve(error === null ? '' : stderr.trim() || error.message)
    })
  })
}
