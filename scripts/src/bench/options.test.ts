import { describe, expect, it } from 'vitest'
import { readOptions } from './options.ts'

const read = (...args: string[]) => readOptions(args, ['edge', 'scale', 'whole-path'])

describe('readOptions', () => {
  it('reads numbers and lists', () => {
    const options = read('--only', 'edge,scale', '--seconds', '7', '--scale-rows', '1,20', '--ids', 'counter')
    expect(options).toMatchObject({ only: ['edge', 'scale'], seconds: 7, ids: 'counter', compare: null })
    expect(options.scale.rows).toEqual([1, 20])
    expect(read('--only', 'scale', '--scale-ids', 'none').scale.ids).toEqual([])
  })

  it('takes --compare with and without a revision, wherever it stands', () => {
    expect(read('--only', 'edge', '--compare').compare).toBe('')
    expect(read('--compare', '--only', 'edge')).toMatchObject({ compare: '', only: ['edge'] })
    expect(read('--compare', 'HEAD~3', '--only', 'edge')).toMatchObject({ compare: 'HEAD~3', only: ['edge'] })
    expect(read('--compare=abc', '--only', 'edge').compare).toBe('abc')
  })

  it('refuses what it does not know, and says what is wanted', () => {
    expect(() => read('--only', 'edge,egde')).toThrow('--only takes edge, scale, whole-path; not egde')
    expect(() => read('--only', 'edge', '--seconds', '0')).toThrow('--seconds takes a number above 0')
    expect(() => read('--only', 'edge', '--ids', 'ulid')).toThrow('uuid or counter')
    expect(() => read('--speed', '9')).toThrow('--speed')
  })
})
