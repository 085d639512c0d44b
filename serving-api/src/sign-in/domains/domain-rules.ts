/** Names of e-mail domains, and what of a DNS zone shows that it is one's own. */
import { domainToASCII } from 'node:url'

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const CHARACTERS = /^[\p{L}\p{M}\p{N}.-]+$/u
const NAME_LENGTH_MAX = 253

/** Lower case, ASCII form; null for what is no domain of at least two labels. */
export function normalDomain(text: string): string | null {
  // The conversion reads its text as the host of an address, and drops what comes behind it.
  if (!CHARACTERS.test(text.trim())) return null
  const name = domainToASCII(text.trim().toLowerCase().replace(/\.$/, ''))
  const labels = name.split('.')
  const isName = name.length <= NAME_LENGTH_MAX && labels.length >= 2 && labels.every((l) => LABEL.test(l))
  // An address in figures is no domain.
  return isName && !/^\d+$/.test(labels.at(-1) ?? '') ? name : null
}

/** Null for what is no e-mail address. */
export function domainOfEmail(email: string): string | null {
  const at = email.lastIndexOf('@')
  return at <= 0 ? null : normalDomain(email.slice(at + 1))
}

/** How one and the same person's address is written down. */
export const normalEmail = (email: string): string => email.trim().toLowerCase()

/** Mail of anyone can come from these: no organisation can have them as its own. */
const PUBLIC_MAIL: ReadonlySet<string> = new Set([
  'aol.com',
  'fastmail.com',
  'gmail.com',
  'gmx.de',
  'gmx.net',
  'googlemail.com',
  'hotmail.com',
  'icloud.com',
  'live.com',
  'mail.ru',
  'me.com',
  'msn.com',
  'outlook.com',
  'proton.me',
  'protonmail.com',
  'qq.com',
  't-online.de',
  'web.de',
  'yahoo.com',
  'yandex.ru',
])
export const isPublicMail = (domain: string): boolean => PUBLIC_MAIL.has(domain)

export const challengeHost = (domain: string): string => `_ecomind-challenge.${domain}`

/** A TXT record may come in pieces of 255 bytes. */
export const holdsChallenge = (records: readonly (readonly string[])[], challenge: string): boolean =>
  records.some((pieces) => pieces.join('').trim() === challenge)
