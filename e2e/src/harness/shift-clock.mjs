/**
 * Loaded before everything else in a process (node --import): its wall clock is off by as many milliseconds as the file
 * CLOCK_SHIFT_FILE says, and jumps when the file changes. Timers and performance.now() go on as they are.
 */
import { readFileSync } from 'node:fs'

const file = process.env.CLOCK_SHIFT_FILE ?? ''
const RealDate = globalThis.Date
const realNow = RealDate.now.bind(RealDate)
let shiftMs = 0

function look() {
  try {
    shiftMs = Number(readFileSync(file, 'utf8'))
  } catch {
    // Being written: the next look finds it.
  }
}
look()
setInterval(look, 50).unref()

class ShiftedDate extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(realNow() + shiftMs)
    else super(...given)
  }
  static now() {
    return realNow() + shiftMs
  }
}
globalThis.Date = ShiftedDate
