/** Small files that are always whole, for nobody else to read: the new text takes the place of the old one at once. */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600

/** Makes the folder where there is none. Durable when it resolves. Not for two writers of one file at a time. */
export async function writeStateFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE })
  await replaceFile(path, text)
}

/** The same in a folder that is there. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const unfinished = `${path}.new`
  const file = await open(unfinished, 'w', FILE_MODE)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(unfinished, path)
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Null when there is none. */
export async function readStateFile(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
