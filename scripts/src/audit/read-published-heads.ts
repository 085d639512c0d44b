/** Signed heads that were kept outside of the database: lines of the API's log, or answers of `/v1/audits/heads`. */
import { readFileSync } from 'node:fs'
import type { SignedHead } from '@ecomind/serving-api'
import { z } from 'zod'

const head = z.object({
  org_id: z.string(),
  day: z.string(),
  seq: z.number().int(),
  hash: z.string(),
  signed_at: z.iso.datetime(),
  key_id: z.string(),
  signature: z.string(),
})
const line = z.union([
  z.object({ audit_head: head }).transform((l) => [l.audit_head]),
  z.object({ items: z.array(head) }).transform((l) => l.items),
  head.transform((h) => [h]),
])

/** Other lines are passed over. @throws Error when the file can't be read or holds no signed head */
export function readPublishedHeads(file: string): readonly SignedHead[] {
  const heads = readFileSync(file, 'utf8').split('\n').flatMap(headsOf)
  if (heads.length === 0)
    throw new Error(`read signed heads: ${file} holds none, JSON lines with audit_head are wanted`)
  return heads.map((h) => ({
    orgId: h.org_id,
    day: h.day,
    seq: h.seq,
    hash: h.hash,
    signedAt: new Date(h.signed_at),
    keyId: h.key_id,
    signature: h.signature,
  }))
}

function headsOf(text: string): readonly z.output<typeof head>[] {
  if (!text.startsWith('{')) return []
  try {
    return line.safeParse(JSON.parse(text)).data ?? []
  } catch {
    return []
  }
}
