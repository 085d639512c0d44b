import { randomBytes } from 'node:crypto'
import { hashApiKey, type KeySnapshot, makeApiKey, readKeyRing, type SnapshotKey } from '@ecomind/schemas/keys'
import { describe, expect, test } from 'vitest'
import { Accounts } from '../limits/accounts.ts'
import { KeyBook } from './key-book.ts'

const NOW_MS = Date.UTC(2026, 10, 26)
const old = `old:${randomBytes(32).toString('base64')}`
const ring = readKeyRing(`new:${randomBytes(32).toString('base64')},${old}`)
const secret = makeApiKey(['ingest'])

function keyOf(change: Partial<SnapshotKey> & { readonly secret?: string } = {}): SnapshotKey {
  const { secret: own = secret, ...rest } = change
  const pepperId = rest.pepper_id ?? 'new'
  return {
    id: 'k1',
    org_id: 'org_a',
    hash: hashApiKey(ring, pepperId, own),
    pepper_id: pepperId,
    scopes: ['ingest'],
    expires_at_ms: null,
    rate_per_second: null,
    events_per_day_max: null,
    ...rest,
  }
}

function bookOf(keys: readonly SnapshotKey[], organisations: KeySnapshot['organisations'] = []): KeyBook {
  const book = new KeyBook(ring, new Accounts())
  book.replace({ revision: 1, made_at: '', keys: [...keys], organisations }, NOW_MS)
  return book
}

const codeOf = (book: KeyBook, authorization: string, nowMs = NOW_MS): string => {
  const grant = book.authorise(authorization, nowMs)
  return grant.kind === 'granted' ? grant.orgId : grant.refusal.code
}

describe('KeyBook', () => {
  test('a key leads to its organisation, again and again', () => {
    const book = bookOf([keyOf(), keyOf({ id: 'k2', org_id: 'org_b', secret: makeApiKey(['ingest']) })])
    for (let i = 0; i < 3; i++) expect(codeOf(book, `Bearer ${secret}`)).toBe('org_a')
    for (const scheme of ['bearer', 'BEARER', 'Bearer  ']) expect(codeOf(book, `${scheme} ${secret}`)).toBe('org_a')
  })

  test('a key that was hashed under an older secret key is still known', () => {
    expect(codeOf(bookOf([keyOf({ pepper_id: 'old' })]), `Bearer ${secret}`)).toBe('org_a')
  })

  test.each([
    ['nothing', ''],
    ['no scheme', secret],
    ['basic', `Basic ${Buffer.from(`org_a:${secret}`).toString('base64')}`],
    ['two keys', `Bearer ${secret}, Bearer ${secret}`],
    ['another key', `Bearer ${makeApiKey(['ingest'])}`],
    ['a space behind', `Bearer ${secret} `],
    ['NUL', `Bearer ${secret}\0`],
    ['wide characters', `Bearer eco_i_${'ä'.repeat(43)}`],
    ['very long', `Bearer ${secret}${'x'.repeat(10_000)}`],
    ['its hash', `Bearer ${keyOf().hash}`],
  ])('%s is no key', (_, authorization) => {
    expect(codeOf(bookOf([keyOf()]), authorization)).toBe('unauthorized')
  })

  test('a key without the scope ingest is known, but may not send', () => {
    expect(codeOf(bookOf([keyOf({ scopes: ['read', 'admin'] })]), `Bearer ${secret}`)).toBe('forbidden')
    expect(codeOf(bookOf([keyOf({ scopes: ['admin', 'ingest'] })]), `Bearer ${secret}`)).toBe('org_a')
  })

  test('a key ends at its time, without any news', () => {
    const book = bookOf([keyOf({ expires_at_ms: NOW_MS + 1000 })])
    expect(codeOf(book, `Bearer ${secret}`, NOW_MS + 999)).toBe('org_a')
    expect(codeOf(book, `Bearer ${secret}`, NOW_MS + 1000)).toBe('unauthorized')
  })

  test('a key that the next snapshot lacks is refused although its header is remembered', () => {
    const book = bookOf([keyOf()])
    expect(codeOf(book, `Bearer ${secret}`)).toBe('org_a')
    book.replace({ revision: 2, made_at: '', keys: [], organisations: [] }, NOW_MS)
    expect(codeOf(book, `Bearer ${secret}`)).toBe('unauthorized')
  })

  test('before the first snapshot the client is told to come again, not that its key is wrong', () => {
    expect(codeOf(new KeyBook(ring, new Accounts()), `Bearer ${secret}`)).toBe('keys_unavailable')
  })

  test('an unknown key is not remembered, nor counted as used', () => {
    const book = bookOf([keyOf()])
    for (let i = 0; i < 100; i++) codeOf(book, `Bearer ${makeApiKey(['ingest'])}`)
    expect(book.usesSince(0)).toEqual([])
    codeOf(book, `Bearer ${secret}`)
    expect(book.usesSince(0)).toEqual([{ org_id: 'org_a', key_id: 'k1', used_at_ms: NOW_MS }])
    expect(book.usesSince(NOW_MS + 1)).toEqual([])
  })

  test('a new snapshot fills no bucket and forgets no use', () => {
    const limited = keyOf({ rate_per_second: 2 })
    const book = bookOf([limited], [{ id: 'org_a', rate_per_second: null, events_per_day_max: 5 }])
    const take = () => {
      const grant = book.authorise(`Bearer ${secret}`, NOW_MS)
      return grant.kind === 'granted' ? (grant.budget?.takeRequest(NOW_MS)?.code ?? 'taken') : 'refused'
    }
    expect([take(), take(), take()]).toEqual(['taken', 'taken', 'rate_limited'])
    const organisations = [{ id: 'org_a', rate_per_second: null, events_per_day_max: 6 }]
    book.replace(
      { revision: 2, made_at: '', keys: [limited, keyOf({ id: 'k2', hash: 'f'.repeat(64) })], organisations },
      NOW_MS,
    )
    expect(take()).toBe('rate_limited')
    expect(book.usesSince(NOW_MS)).toHaveLength(1)
  })
})
