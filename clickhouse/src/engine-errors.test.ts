import { describe, expect, test } from 'vitest'
import { ClickHouseError } from './clickhouse.ts'
import { toClickHouseError } from './engine-errors.ts'

describe('toClickHouseError', () => {
  test.each([
    [252, 'Too many parts (300)'],
    [243, 'Cannot reserve 1.00 MiB, not enough space'],
    [241, 'Memory limit exceeded'],
    [242, 'Table is in readonly mode'],
    [159, 'Timeout exceeded'],
    [1001, 'std::filesystem: No space left on device'],
    [298, 'Cannot create pipe: , errno: 24, strerror: Too many open files: While executing File. '],
    [573, 'Cannot open epoll descriptor: , errno: 24, strerror: Too many open files. '],
  ])('code %i is worth another try', (code, message) => {
    const error = toClickHouseError('insert', new Error(`Code: ${code}. DB::Exception: ${message}. (X)`))
    expect(error).toMatchObject({ code, retryable: true })
  })

  test.each([
    [62, 'Syntax error'],
    [60, 'Table does not exist'],
    [1001, 'std::bad_variant_access'],
    [298, 'Cannot create pipe: , errno: 22, strerror: Invalid argument'],
  ])('code %i is not', (code, message) => {
    expect(toClickHouseError('ask', new Error(`Code: ${code}. DB::Exception: ${message}`))).toMatchObject({
      code,
      retryable: false,
    })
  })

  test('the code the HTTP client puts aside is used', () => {
    expect(toClickHouseError('ask', Object.assign(new Error('Too many parts'), { code: '252' }))).toMatchObject({
      code: 252,
      retryable: true,
    })
  })

  test('nobody answering is worth another try and has no code', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' })
    expect(toClickHouseError('ask', cause)).toMatchObject({ code: null, retryable: true })
  })

  test('a full disk under the spool file is worth another try', () => {
    const cause = Object.assign(new Error('write'), { code: 'ENOSPC' })
    expect(toClickHouseError('insert', cause)).toMatchObject({ code: null, retryable: true })
  })

  test('an error of ours passes unchanged', () => {
    const error = new ClickHouseError('x', 5, true)
    expect(toClickHouseError('ask', error)).toBe(error)
  })
})
