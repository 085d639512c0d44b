import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findInFiles, findInText } from './canary.ts'

const CANARY = 'canary-Zx81-kumquat-9Qp2-violin'

it('finds a canary plain, in UTF-16, in hex and in Base64 at any alignment, in files at any depth', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ecomind-canary-'))
  try {
    await mkdir(join(dir, 'deep/er'), { recursive: true })
    await writeFile(join(dir, 'clean'), 'nothing to see')
    expect(await findInFiles(dir, CANARY)).toEqual([])
    await writeFile(join(dir, 'plain'), `before ${CANARY} after`)
    await writeFile(join(dir, 'deep/wide'), Buffer.from(`x${CANARY}`, 'utf16le'))
    await writeFile(join(dir, 'deep/er/hex'), Buffer.from(CANARY).toString('hex'))
    for (const shift of [0, 1, 2])
      await writeFile(join(dir, `b64-${shift}`), Buffer.from(`${'#'.repeat(shift + 3)}${CANARY}##`).toString('base64'))
    const hits = await findInFiles(dir, CANARY)
    for (const file of ['plain', 'wide', 'hex', 'b64-0', 'b64-1', 'b64-2'])
      expect(hits.some((h) => h.endsWith(file))).toBe(true)
    expect(hits.some((h) => h.endsWith('clean'))).toBe(false)
  } finally {
    await rm(dir, { recursive: true })
  }
})

it('finds a canary in the output of a process', () => {
  expect(findInText('{"msg":"ok"}', CANARY)).toEqual([])
  expect(findInText(`{"body":"${CANARY}"}`, CANARY)).toEqual(['plain in the output'])
})
