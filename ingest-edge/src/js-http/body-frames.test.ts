import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BodyFrames, BodyInChunks, BodyOfLength } from './body-frames.ts'

/** Feeds the bytes in pieces of the given sizes; gives the body and what is behind it, or why there is none. */
function read(frames: BodyFrames, bytes: Buffer, sizes: readonly number[]): { body: Buffer; rest: number } | string {
  const body: Buffer[] = []
  let end = 0
  for (let start = 0, i = 0; start < bytes.length; start = end, i++) {
    end = Math.min(bytes.length, start + Math.max(1, sizes[i % sizes.length] ?? 1))
    for (let at = start; at < end; ) {
      const frame = frames.next(bytes.subarray(at, end))
      if (frame === 'malformed') return 'malformed'
      body.push(Buffer.from(frame.body))
      at += frame.taken
      if (frame.last) return { body: Buffer.concat(body), rest: bytes.length - at }
    }
  }
  return 'more is wanted'
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
const bytes = (max: number) => fc.uint8Array({ minLength: 1, maxLength: max }).map((b) => Buffer.from(b))
const chunked = (chunks: readonly Buffer[], extension: string, trailers: string) =>
  Buffer.concat([
    ...chunks.map((c) =>
      Buffer.concat([Buffer.from(`${c.length.toString(16)}${extension}\r\n`), c, Buffer.from('\r\n')]),
    ),
    Buffer.from(`0${extension}\r\n${trailers}\r\n`),
  ])

describe('the frames of a body', () => {
  it('give back a body of a length, however it comes', () => {
    fc.assert(
      fc.property(bytes(200), bytes(20), sizes, (body, behind, pieces) => {
        const all = Buffer.concat([body, behind])
        const found = read(new BodyOfLength(body.length), all, pieces)
        expect(found).toEqual({ body, rest: behind.length })
      }),
    )
  })

  it('give back a body in chunks, however it comes', () => {
    fc.assert(
      fc.property(
        fc.array(bytes(60), { maxLength: 5 }),
        fc.constantFrom('', ';a', ' ;a=b;c="d"'),
        fc.constantFrom('', 'X-Sum: 1\r\n', 'A:\r\nB: 2\r\n'),
        sizes,
        (chunks, extension, trailers, pieces) => {
          const all = Buffer.concat([chunked(chunks, extension, trailers), Buffer.from('GET')])
          expect(read(new BodyInChunks(), all, pieces)).toEqual({ body: Buffer.concat(chunks), rest: 3 })
        },
      ),
    )
  })

  it.each([
    'zz\r\nabc\r\n',
    '-1\r\n',
    '0x3\r\nabc\r\n',
    ' 3\r\nabc\r\n',
    '\r\n',
    '3\nabc\n',
    '123456789\r\n',
    '3\r\nabcd\r\n',
    '3\r\nabc0\r\n\r\n',
    '3;\u0001\r\nabc\r\n',
    `3;${'x'.repeat(300)}`,
    '0\r\n: a\r\n\r\n',
    '0\r\n folded\r\n\r\n',
    `0\r\n${`X: ${'y'.repeat(200)}\r\n`.repeat(30)}\r\n`,
  ])('refuse %j', (text) => {
    const all = Buffer.from(text, 'latin1')
    expect(read(new BodyInChunks(), all, [all.length])).toBe('malformed')
    expect(read(new BodyInChunks(), all, [1])).toBe('malformed')
  })
})
