/** gzip bodies. */
import { gunzipSync } from 'node:zlib'

export type InflateOutcome =
  | { readonly kind: 'ok'; readonly body: Buffer }
  /** Inflates to more than the limit; found without inflating the rest. */
  | { readonly kind: 'too-large' }
  /** Not gzip, cut short, wrong checksum, or followed by something else. */
  | { readonly kind: 'malformed' }

/**
 * Inflates a gzip body of one or more members (RFC 1952). Done in one go on the event loop: both sides are bounded by
 * the body limit, so it costs a few milliseconds at the very most, less than a trip through the thread pool for
 * the usual body. Inflating stops at the first output chunk behind `maxBytes`, however far a zip bomb would go on.
 */
export function inflate(compressed: Uint8Array, maxBytes: number): InflateOutcome {
  try {
    return { kind: 'ok', body: gunzipSync(compressed, { maxOutputLength: maxBytes }) }
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    return { kind: tooLarge ? 'too-large' : 'malformed' }
  }
}
