/** From the query string to checked parameters: strict, and the first fault is named with its parameter. */
import type { z } from 'zod'
import { invalidParameter } from '../http/api-error.ts'
import type { QueryValues } from '../http/query-string.ts'

/** Parameters that may stand more than once. */
const REPEATED: ReadonlySet<string> = new Set(['filter'])
const NAME_LENGTH_MAX = 64

/** @throws ApiError invalid_parameter */
export function readParameters<Shape extends z.ZodObject>(shape: Shape, values: QueryValues): z.output<Shape> {
  const known = Object.keys(shape.shape)
  const given: Record<string, string | readonly string[]> = {}
  for (const [name, list] of values) {
    if (!known.includes(name)) {
      throw invalidParameter(
        name.slice(0, NAME_LENGTH_MAX),
        `unknown parameter; known are ${known.join(', ') || 'none'}`,
      )
    }
    if (REPEATED.has(name)) given[name] = list
    else if (list.length > 1) throw invalidParameter(name, `given ${list.length} times, once is wanted`)
    else given[name] = list[0] ?? ''
  }
  return check(shape, given)
}

/** A JSON body or path values against their shape. @throws ApiError invalid_parameter */
export function check<Shape extends z.ZodType>(shape: Shape, given: unknown): z.output<Shape> {
  const parsed = shape.safeParse(given)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  if (issue?.code === 'unrecognized_keys') {
    const path = [...issue.path.map(String), (issue.keys[0] ?? '').slice(0, NAME_LENGTH_MAX)]
    throw invalidParameter(path.join('.'), 'unknown field')
  }
  const field = issue?.path.map(String).join('.') || 'body'
  const name = issue?.path[0]
  const absent = typeof given === 'object' && given !== null && typeof name === 'string' && !Object.hasOwn(given, name)
  throw invalidParameter(field, absent ? 'is required' : (issue?.message ?? 'breaks its rule'))
}
