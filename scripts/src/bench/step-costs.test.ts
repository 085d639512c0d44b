import { describe, expect, it } from 'vitest'
import { stepShares } from './step-costs.ts'

const frame = (functionName: string, url = '') => ({ functionName, url })
const FILE = 'file:///somewhere/ecomind'

describe('stepShares', () => {
  it('gives each file its step, libraries and built-ins that of their caller, and leaves idle time out', () => {
    const shares = stepShares({
      nodes: [
        { id: 1, callFrame: frame('(root)'), children: [2, 3, 8, 9] },
        { id: 2, callFrame: frame('decodeRecord', `${FILE}/stream-jobs/src/decode-records.ts`), children: [4] },
        { id: 3, callFrame: frame('dropDuplicates', `${FILE}/stream-jobs/src/drop-duplicates.ts`), children: [5] },
        { id: 4, callFrame: frame('decode', `${FILE}/node_modules/avsc/lib/types.js`), children: [6] },
        { id: 5, callFrame: frame('get', `${FILE}/node_modules/lmdb/read.js`) },
        { id: 6, callFrame: frame('utf8Slice') },
        { id: 8, callFrame: frame('(garbage collector)') },
        { id: 9, callFrame: frame('(idle)') },
      ],
      samples: [2, 4, 6, 3, 5, 8, 9],
      timeDeltas: [10, 20, 30, 5, 15, 20, 1000],
    })
    expect(shares).toEqual({ decode: 0.6, 'drop duplicates': 0.2, garbage: 0.2 })
  })

  it('counts what has no step as other', () => {
    const nodes = [
      { id: 1, callFrame: frame('(root)'), children: [2] },
      { id: 2, callFrame: frame('every', `${FILE}/stream-jobs/src/every.ts`) },
    ]
    expect(stepShares({ nodes, samples: [2], timeDeltas: [7] })).toEqual({ other: 1 })
    expect(stepShares({ nodes: [], samples: [], timeDeltas: [] })).toEqual({})
  })
})
