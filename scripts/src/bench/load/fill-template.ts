/** Writes the ids, users and times of one sending into a template, in place. */
import { randomBytes, randomFillSync } from 'node:crypto'
import type { IdForm } from './load-plan.ts'
import { type RequestTemplate, TS_DIGITS } from './request-template.ts'

/** Models that one user calls, of those there are. */
const MODELS_PER_USER = 3
const POOL_BYTES = 65_536
/** Random bytes that one event takes: 74 bits of its id, and 32 for its user. */
const EVENT_BYTES = 14

/** Hex digits of the time in a UUIDv7. */
const TIME_HEX = 12
const THREE_DIGITS = Buffer.from(Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0')).join(''), 'latin1')
const HIGH = Uint8Array.from({ length: 256 }, (_, i) => (i >> 4).toString(16).charCodeAt(0))
const LOW = Uint8Array.from({ length: 256 }, (_, i) => (i & 15).toString(16).charCodeAt(0))
const VARIANT = Uint8Array.from({ length: 256 }, (_, i) => ((i & 3) | 8).toString(16).charCodeAt(0))

export interface FillOptions {
  readonly ids: IdForm
  readonly users: number
  readonly models: number
}

export class TemplateFiller {
  readonly #options: FillOptions
  readonly #pool = Buffer.allocUnsafe(POOL_BYTES)
  #used = POOL_BYTES
  readonly #run = randomBytes(4)
  #counter = 0
  #timeMs = -1
  readonly #timeHex = Buffer.alloc(TIME_HEX)
  readonly #timeDigits = Buffer.alloc(TS_DIGITS)
  /** The moment of each template's last sending: of two times close together only the last digits differ. */
  readonly #lastMs = new WeakMap<RequestTemplate, number>()

  constructor(options: FillOptions) {
    this.#options = options
  }

  /** Returns the sum of the last eight hex digits of the ids, modulo 2^32. */
  fill(template: RequestTemplate, nowMs: number): number {
    this.#setTime(nowMs)
    const { bytes, idAt, userAt, tsAt, model } = template
    const lastMs = this.#lastMs.get(template) ?? -1
    this.#lastMs.set(template, nowMs)
    const digitsFrom = Math.floor(lastMs / 1e6) === Math.floor(nowMs / 1e6) ? TS_DIGITS - 6 : 0
    const hexFrom = Math.floor(lastMs / 2 ** 16) === Math.floor(nowMs / 2 ** 16) ? TIME_HEX - 4 : 0
    const [digits, hex] = [this.#timeDigits, this.#timeHex]
    const uuid = this.#options.ids === 'uuid'
    let sum = 0
    for (let i = 0; i < idAt.length; i++) {
      const random = this.#takeRandom()
      const id = idAt[i] as number
      if (uuid) {
        // The time is eight digits, a dash, four digits.
        for (let d = hexFrom; d < TIME_HEX; d++) bytes[id + d + (d >> 3)] = hex[d] as number
        sum += writeRandom(bytes, id, this.#pool, random)
      } else sum += this.#writeCounter(bytes, id)
      writeUser(bytes, userAt[i] as number, this.#userOf(model[i] as number, random))
      const ts = tsAt[i] as number
      for (let d = digitsFrom; d < TS_DIGITS; d++) bytes[ts + d] = digits[d] as number
    }
    return sum % 2 ** 32
  }

  /** Where the random bytes of one event begin in the pool. */
  #takeRandom(): number {
    if (this.#used + EVENT_BYTES > POOL_BYTES) {
      randomFillSync(this.#pool)
      this.#used = 0
    }
    this.#used += EVENT_BYTES
    return this.#used - EVENT_BYTES
  }

  #setTime(nowMs: number): void {
    if (nowMs === this.#timeMs) return
    this.#timeMs = nowMs
    this.#timeHex.write(nowMs.toString(16).padStart(TIME_HEX, '0'), 'latin1')
    this.#timeDigits.write(String(nowMs), 'latin1')
  }

  /** `bench-rrrrrrrr-nnnnnnnn`: the run, and a counter. */
  #writeCounter(bytes: Buffer, at: number): number {
    const n = this.#counter++
    for (let b = 0; b < 4; b++) {
      const run = this.#run[b] as number
      const part = (n >>> (24 - 8 * b)) & 255
      bytes[at + 6 + 2 * b] = HIGH[run] as number
      bytes[at + 7 + 2 * b] = LOW[run] as number
      bytes[at + 15 + 2 * b] = HIGH[part] as number
      bytes[at + 16 + 2 * b] = LOW[part] as number
    }
    return n
  }

  /** Any user, but each has three models of all: so user and model are neither one thing nor all combinations. */
  #userOf(model: number, at: number): number {
    const { users, models } = this.#options
    // Of 31 bits: a small integer, whose remainder costs a tenth of a double's.
    const random = this.#pool.readUInt32LE(at + 10) & 0x7fff_ffff
    const user = random % users
    if (users <= models) return user
    const kind = random % MODELS_PER_USER
    return (user - (user % models) + ((model + models - (kind % models)) % models)) % users
  }
}

/** `tttttttt-tttt-7rrr-vrrr-rrrrrrrrrrrr` (RFC 9562): the digits r and v; the dashes and the 7 stand there already. */
function writeRandom(bytes: Buffer, at: number, pool: Buffer, from: number): number {
  const a = pool[from] as number
  const b = pool[from + 1] as number
  const c = pool[from + 2] as number
  const d = pool[from + 3] as number
  bytes[at + 15] = LOW[a] as number
  bytes[at + 16] = HIGH[b] as number
  bytes[at + 17] = LOW[b] as number
  bytes[at + 19] = VARIANT[a >> 4] as number
  bytes[at + 20] = LOW[c] as number
  bytes[at + 21] = HIGH[d] as number
  bytes[at + 22] = LOW[d] as number
  for (let r = 0; r < 6; r++) {
    const byte = pool[from + 4 + r] as number
    bytes[at + 24 + 2 * r] = HIGH[byte] as number
    bytes[at + 25 + 2 * r] = LOW[byte] as number
  }
  return u32(pool, from + 6)
}

function u32(pool: Buffer, at: number): number {
  const high = pool[at] as number
  return (
    high * 2 ** 24 + (((pool[at + 1] as number) << 16) | ((pool[at + 2] as number) << 8) | (pool[at + 3] as number))
  )
}

/** Six digits as two times three. */
function writeUser(bytes: Buffer, at: number, user: number): void {
  const thousands = (user / 1000) | 0
  const high = 3 * thousands
  const low = 3 * (user - 1000 * thousands)
  for (let d = 0; d < 3; d++) bytes[at + d] = THREE_DIGITS[high + d] as number
  for (let d = 0; d < 3; d++) bytes[at + 3 + d] = THREE_DIGITS[low + d] as number
}
