import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { jsUws } from './js-http/js-uws.ts'
import { loadUws } from './load-uws.ts'

const ADDON = `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`
/** The npm package has builds up to here. */
const NODE_20_ABI = 115

describe('loadUws', () => {
  const folder = mkdtempSync(join(tmpdir(), 'uws-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('takes the native build of the package, or says what to do without one', () => {
    const { name, warning } = loadUws({ engine: 'auto' })
    if (Number(process.versions.modules) > NODE_20_ABI) {
      expect(name).toBe('javascript')
      expect(warning).toMatch(/no build for Node .*EDGE_UWS_DIR/)
    } else if (process.platform === 'linux' && process.arch === 'x64') {
      expect([name, warning]).toEqual(['native', null])
    }
  })

  it('takes the JavaScript engine without a word when it is asked for', () => {
    expect(loadUws({ engine: 'javascript' })).toEqual({ name: 'javascript', uws: jsUws, warning: null })
  })

  it('goes on past an addon that does not load, and tells why when nothing else does', () => {
    writeFileSync(join(folder, ADDON), 'no shared object')
    const loaded = loadUws({ engine: 'auto', uwsDir: folder })
    expect(loaded.name).toBe(loadUws({ engine: 'auto' }).name)
    if (loaded.name === 'javascript') expect(loaded.warning).toContain(ADDON)
  })
})
