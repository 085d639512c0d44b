/** int8 as a number: ours are counters, which stay far below 2^53. */
export function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`read an int8: ${text} does not fit a double exactly`)
  return value
}
