/**
 * Every file below a folder that programs write to meanwhile; what vanishes or gets another name during the walk is left
 * out.
 */
import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

export async function filesOf(dir: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await entriesOf(dir)) {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) found.push(...(await filesOf(path)))
    else if (entry.isFile()) found.push(path)
  }
  return found
}

async function entriesOf(dir: string): Promise<Dirent[]> {
  try {
    return await readdir(dir, { withFileTypes: true })
  } catch (error) {
    if (isGone(error)) return []
    throw error
  }
}

export function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
