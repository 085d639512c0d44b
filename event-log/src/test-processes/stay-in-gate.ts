import { writeSync } from 'node:fs'
import { argv } from 'node:process'
import { joinOpenGate } from '../open-gate.ts'

/** `stay-in-gate.ts <dir> write|open`: begins a write or an opening, prints "inside" and never ends it. */
const [dir = '', what = ''] = argv.slice(2)
const gate = await joinOpenGate(dir, 60_000)
const stay = async (): Promise<never> => {
  writeSync(1, 'inside\n')
  setInterval(() => undefined, 60_000)
  return await new Promise(() => undefined)
}
await (what === 'write' ? gate.write(stay) : gate.open(stay))
