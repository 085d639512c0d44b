/** A value that tells who wrote it and can be checked to the last byte. */
export function numberedValue(name: string, number: number, size: number): Buffer {
  const head = `${name} ${number} ${size} `
  return Buffer.alloc(Math.max(size, head.length), head)
}

/** Null when a single byte is not as it was written. */
export function readNumberedValue(value: Uint8Array): { name: string; number: number } | null {
  const [name, number, size] = Buffer.from(value.subarray(0, 60)).toString('latin1').split(' ')
  if (name === undefined || number === undefined || size === undefined) return null
  const wanted = numberedValue(name, Number(number), Number(size))
  return Buffer.compare(wanted, value) === 0 ? { name, number: Number(number) } : null
}
