/**
 * SHA-256 (FIPS 180-4) in plain code: the checksum of a factor set must be the same, and synchronous, in Node and in
 * a browser, where the built-in one is asynchronous and absent outside of secure contexts. Not for secrets.
 */

const firstPrimes = (count: number): number[] => {
  const primes: number[] = []
  for (let n = 2; primes.length < count; n++) if (primes.every((p) => n % p !== 0)) primes.push(n)
  return primes
}

const ROUNDS = 64
const PRIMES = firstPrimes(ROUNDS)
/** First 32 bits of the fractional part; exact, since a double carries 52 of them and the roots are below 8. */
const fraction32 = (x: number): number => Math.floor((x - Math.floor(x)) * 2 ** 32)
const K = Uint32Array.from(PRIMES, (p) => fraction32(Math.cbrt(p)))
const INITIAL = Uint32Array.from(PRIMES.slice(0, 8), (p) => fraction32(Math.sqrt(p)))

const rotr = (x: number, n: number): number => (x >>> n) | (x << (32 - n))

function padded(bytes: Uint8Array): DataView {
  const length = Math.ceil((bytes.length + 9) / 64) * 64
  const block = new Uint8Array(length)
  block.set(bytes)
  block[bytes.length] = 0x80
  const view = new DataView(block.buffer)
  view.setUint32(length - 8, Math.floor((bytes.length * 8) / 2 ** 32))
  view.setUint32(length - 4, (bytes.length * 8) % 2 ** 32)
  return view
}

function fillSchedule(w: Uint32Array, view: DataView, offset: number): void {
  for (let i = 0; i < 16; i++) w[i] = view.getUint32(offset + i * 4)
  for (let i = 16; i < ROUNDS; i++) {
    const a = w[i - 15] ?? 0
    const b = w[i - 2] ?? 0
    const s0 = rotr(a, 7) ^ rotr(a, 18) ^ (a >>> 3)
    const s1 = rotr(b, 17) ^ rotr(b, 19) ^ (b >>> 10)
    w[i] = (w[i - 16] ?? 0) + s0 + (w[i - 7] ?? 0) + s1
  }
}

function compress(hash: Uint32Array, w: Uint32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash
  for (let i = 0; i < ROUNDS; i++) {
    const s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (K[i] ?? 0) + (w[i] ?? 0)) | 0
    const s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  const next = [a, b, c, d, e, f, g, h]
  for (let i = 0; i < 8; i++) hash[i] = (hash[i] ?? 0) + (next[i] ?? 0)
}

/** Lower-case hex of the SHA-256 of the text in UTF-8. */
export function sha256Hex(text: string): string {
  const view = padded(new TextEncoder().encode(text))
  const hash = Uint32Array.from(INITIAL)
  const w = new Uint32Array(ROUNDS)
  for (let offset = 0; offset < view.byteLength; offset += 64) {
    fillSchedule(w, view, offset)
    compress(hash, w)
  }
  return Array.from(hash, (word) => word.toString(16).padStart(8, '0')).join('')
}
