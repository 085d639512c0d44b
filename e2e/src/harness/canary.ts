/**
 * Looks for text that must be nowhere: in every file of a directory, and in whatever disguise the product might have
 * written it (plain, UTF-16, hex, Base64 at each of its three alignments).
 */
import { readFile, stat } from 'node:fs/promises'
import { filesOf, isGone } from './files-of.ts'

export interface Disguise {
  readonly name: string
  readonly bytes: Buffer
}

/** Random text is stored as it is by LZ4 and by the literals of a first occurrence elsewhere, so the plain form finds it there too. */
export function disguises(canary: string): Disguise[] {
  const plain = Buffer.from(canary, 'utf8')
  return [
    { name: 'plain', bytes: plain },
    { name: 'UTF-16', bytes: Buffer.from(canary, 'utf16le') },
    { name: 'hex', bytes: Buffer.from(plain.toString('hex')) },
    ...[0, 1, 2].map((shift) => ({ name: `Base64 (${shift})`, bytes: base64Middle(plain, shift) })),
  ]
}

/** The characters of Base64 that depend on the canary alone when `shift` unknown bytes stand before it. */
function base64Middle(plain: Buffer, shift: number): Buffer {
  const text = Buffer.concat([Buffer.alloc(shift), plain])
    .toString('base64')
    .replace(/=+$/, '')
  return Buffer.from(text.slice(shift === 0 ? 0 : 4, -2))
}

/** Name of the disguise and of the file, one entry a hit. Files that vanish meanwhile are left out. */
export async function findInFiles(dir: string, canary: string): Promise<string[]> {
  const wanted = disguises(canary)
  const hits: string[] = []
  for (const path of await filesOf(dir)) {
    const bytes = await readSparse(path)
    for (const { name, bytes: needle } of wanted) if (bytes.includes(needle)) hits.push(`${name} in ${path}`)
  }
  return hits
}

const FILE_BYTES_MAX = 1024 * 1024 * 1024

async function readSparse(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path)
    if (size > FILE_BYTES_MAX) throw new Error(`look through ${path}: ${size} bytes are more than expected`)
    return await readFile(path)
  } catch (error) {
    if (isGone(error)) return Buffer.alloc(0)
    throw error
  }
}

export function findInText(text: string, canary: string): string[] {
  const bytes = Buffer.from(text)
  return disguises(canary)
    .filter((d) => bytes.includes(d.bytes))
    .map((d) => `${d.name} in the output`)
}
