import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Answer, AnswerReader } from './answer-reader.ts'

const http = (status: string, body: string, headers = '') =>
  `HTTP/1.1 ${status}\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
const taken = (n: number) =>
  http(
    '202 Accepted',
    `{"accepted":${n},"rejected":[],"event_ids":["${'x'.repeat(n)}"]}`,
    'content-type: application/json\r\n',
  )
const REFUSED = http('503 Service Unavailable', '{"error":{}}', 'retry-after: 2\r\n')
const PARTLY = http(
  '202 Accepted',
  '{"accepted":1,"rejected":[{"index":0,"code":"ts_out_of_range"}],"event_ids":["a"]}',
)
const EMPTY = http('204 No Content', '')

function readAll(chunks: readonly Buffer[]): Answer[] {
  const answers: Answer[] = []
  const reader = new AnswerReader((answer) => answers.push({ ...answer }))
  // One piece of memory for every read, as the sockets have it.
  const memory = Buffer.alloc(1 << 16)
  for (const chunk of chunks) {
    chunk.copy(memory)
    reader.push(memory, chunk.length)
  }
  return answers
}

describe('AnswerReader', () => {
  it('reads status, accepted events and refusals', () => {
    expect(readAll([Buffer.from(taken(100) + REFUSED + PARTLY + EMPTY)])).toEqual([
      { status: 202, accepted: 100, rejected: null },
      { status: 503, accepted: 0, rejected: null },
      { status: 202, accepted: 1, rejected: '[{"index":0,"code":"ts_out_of_range"}]' },
      { status: 204, accepted: 0, rejected: null },
    ])
  })

  it('reads a body whose fields stand in another order', () => {
    const [answer] = readAll([Buffer.from(http('202 Accepted', '{"rejected":[],"accepted":7}'))])
    expect(answer).toEqual({ status: 202, accepted: 7, rejected: null })
  })

  it('reads the same answers however the bytes are cut', () => {
    const whole = Buffer.from([taken(1), PARTLY, taken(100), REFUSED, EMPTY, taken(23)].join(''))
    const wanted = readAll([whole])
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 40 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), whole.length]
        expect(readAll(at.slice(1).map((to, i) => whole.subarray(at[i], to)))).toEqual(wanted)
      }),
    )
    expect(readAll([...whole].map((byte) => Buffer.of(byte)))).toEqual(wanted)
  })

  it('forgets a part of an answer when its connection is gone', () => {
    const answers: Answer[] = []
    const reader = new AnswerReader((answer) => answers.push({ ...answer }))
    const cut = Buffer.from(taken(3)).subarray(0, 30)
    reader.push(cut, cut.length)
    reader.reset()
    const whole = Buffer.from(taken(5))
    reader.push(whole, whole.length)
    expect(answers.map((a) => a.accepted)).toEqual([5])
  })

  it('refuses an answer without a length', () => {
    expect(() => readAll([Buffer.from('HTTP/1.1 200 OK\r\nfoo: bar\r\n\r\n')])).toThrow('no content-length')
  })
})
