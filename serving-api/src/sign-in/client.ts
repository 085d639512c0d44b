/** Who is at the other end of a request, as far as it can be known. */
import type { Request } from 'express'
import type { SignIn } from './sign-in.ts'

const USER_AGENT_LENGTH_MAX = 256

export interface Client {
  readonly ip: string
  readonly userAgent: string
}

export function clientOf({ config }: Pick<SignIn, 'config'>, req: Request): Client {
  // Whatever a client sends as its name ends up in lists that people read.
  const userAgent = (req.get('user-agent') ?? '').replace(/[^\x20-\x7e]/g, '?').slice(0, USER_AGENT_LENGTH_MAX)
  return { ip: ipOf(config.trustedProxies, req), userAgent }
}

/** Each trusted proxy appended one address; those before are the client's own words. */
function ipOf(trustedProxies: number, req: Request): string {
  const direct = req.socket.remoteAddress ?? ''
  if (trustedProxies === 0) return direct
  const forwarded = (req.get('x-forwarded-for') ?? '').split(',').map((part) => part.trim())
  const named = forwarded.at(-trustedProxies) ?? ''
  return /^[0-9A-Fa-f.:]{2,45}$/.test(named) ? named : direct
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
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after].map((g) => Number.parseInt(g, 16).toString(16))
  return `${groups.slice(0, IPV6_NETWORK_GROUPS).join(':')}::/64`
}
