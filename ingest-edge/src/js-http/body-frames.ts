/** Takes a body out of the bytes of a connection, by its length or in chunks. */

/** What one call found: bytes of the body, and how many of the given bytes it is done with. */
export interface Frame {
  readonly body: Buffer
  readonly taken: number
  readonly last: boolean
}

export interface BodyFrames {
  /** The next piece of the body. `malformed`: the bytes are no body. */
  next(bytes: Buffer): Frame | 'malformed'
}

export const NOTHING: Buffer = Buffer.alloc(0)

export class BodyOfLength implements BodyFrames {
  #left: number

  constructor(length: number) {
    this.#left = length
  }

  next(bytes: Buffer): Frame {
    const taken = Math.min(this.#left, bytes.length)
    this.#left -= taken
    return { body: taken === bytes.length ? bytes : bytes.subarray(0, taken), taken, last: this.#left === 0 }
  }
}

/** Longest line of a size with its extensions, and of all trailers together. */
const LINE_BYTES_MAX = 256
const TRAILER_BYTES_MAX = 4096
const SIZE_LINE = /^([0-9a-f]{1,8})([ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/i
const TRAILER_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*$/

/** A body in chunks; extensions and trailers are checked and dropped. */
export class BodyInChunks implements BodyFrames {
  #part: 'size' | 'data' | 'data-end' | 'trailers' = 'size'
  #left = 0
  /** The beginning of a line whose end has not come yet. */
  #line = ''
  #trailerBytes = 0

  next(bytes: Buffer): Frame | 'malformed' {
    for (let at = 0; at < bytes.length; ) {
      if (this.#part === 'data') return this.#data(bytes, at)
      const end = bytes.indexOf(0x0a, at)
      const stop = end === -1 ? bytes.length : end + 1
      this.#line += bytes.toString('latin1', at, stop)
      at = stop
      if (this.#line.length > LINE_BYTES_MAX) return 'malformed'
      if (end === -1) break
      const more = this.#endLine()
      if (more === 'malformed') return more
      if (more === 'last') return { body: NOTHING, taken: at, last: true }
    }
    return { body: NOTHING, taken: bytes.length, last: false }
  }

  #data(bytes: Buffer, at: number): Frame {
    const taken = Math.min(this.#left, bytes.length - at)
    this.#left -= taken
    if (this.#left === 0) this.#part = 'data-end'
    return { body: bytes.subarray(at, at + taken), taken: at + taken, last: false }
  }

  #endLine(): 'more' | 'last' | 'malformed' {
    if (!this.#line.endsWith('\r\n')) return 'malformed'
    const line = this.#line.slice(0, -2)
    this.#line = ''
    if (this.#part === 'data-end') {
      this.#part = 'size'
      return line === '' ? 'more' : 'malformed'
    }
    return this.#part === 'size' ? this.#size(line) : this.#trailer(line)
  }

  #size(line: string): 'more' | 'malformed' {
    const size = SIZE_LINE.exec(line)?.[1]
    if (size === undefined) return 'malformed'
    this.#left = Number.parseInt(size, 16)
    this.#part = this.#left === 0 ? 'trailers' : 'data'
    return 'more'
  }

  #trailer(line: string): 'more' | 'last' | 'malformed' {
    if (line === '') return 'last'
    this.#trailerBytes += line.length
    return this.#trailerBytes > TRAILER_BYTES_MAX || !TRAILER_LINE.test(line) ? 'malformed' : 'more'
  }
}
