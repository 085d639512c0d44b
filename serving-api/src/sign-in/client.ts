/** Who is at the other end of a request, as far as it can be known. */
import type { Request } from 'express'

const USER_AGENT_LENGTH_MAX = 256

export interface Client {
  readonly ip: string
  readonly userAgent: string
}

export function clientOf(req: Request): Client {
  // Whatever a client sends as its name ends up in lists that people read.
  const userAgent = (req.get('user-agent') ?? '').replace(/[^\x20-\x7e]/g, '?').slice(0, USER_AGENT_LENGTH_MAX)
  return { ip: req.ip ?? '', userAgent }
}

const IPV6_NETWORK_GROUPS = 4

/** Whose failures count together: an IPv4 address, or the /64 network that one IPv6 customer has to themselves. */
export function networkOf(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1]
  if (mapped !== undefined) return mapped
  if (!ip.includes(':')) return ip
  const [head = '', tail] = ip.split('%')[0]?.split('::') ?? []
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after].map((g) =>
    Number.parseInt(g, 16).toString(16),
  )
  return `${groups.slice(0, IPV6_NETWORK_GROUPS).join(':')}::/64`
}
