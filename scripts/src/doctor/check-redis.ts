/** Redis, which edges share their rate limits through: reachable, signed in, new enough. Speaks RESP, inline commands. */
import { passwordsIn } from '@ecomind/schemas/keys'
import { askTcp } from './ask-tcp.ts'
import { clockFinding } from './clock-skew.ts'
import { type Finding, fault, ok, warning } from './finding.ts'
import { shownUrl } from './hide-secrets.ts'
import { firstLine } from './run-checks.ts'

const NAME = 'Redis'
const VERSION_MIN = 6
const PORT = 6379

export async function redisFindings(address: string, withinMs: number): Promise<readonly Finding[]> {
  const url = URL.parse(address)
  if (url === null || url.protocol !== 'redis:') {
    const tls = url?.protocol === 'rediss:'
    if (tls)
      return [warning(NAME, `${shownUrl(address)}: TLS is not checked here`, 'check it with redis-cli --tls ping')]
    return [
      fault(NAME, 'REDIS_URL is not an address', 'set redis://host:port, with user:password@ where it wants that'),
    ]
  }
  const user = decodeURIComponent(url.username)
  const password = passwordsIn(address).find((text) => text !== '') ?? ''
  const auth = password === '' ? [] : [command('AUTH', ...(user === '' ? [] : [user]), password)]
  const send = Buffer.concat([...auth, command('PING'), command('TIME'), command('INFO', 'server'), command('QUIT')])
  const askedMs = Date.now()
  try {
    // QUIT is answered last, so its answer at the end says that all of it is there.
    const isWhole = (answer: Buffer) =>
      answer.toString('latin1').endsWith('+OK\r\n') && answer.includes('redis_version')
    const isRefused = (answer: Buffer) => /^-\w+.*\r\n/m.test(answer.toString('latin1'))
    const answer = await askTcp({
      host: url.hostname,
      port: Number(url.port || PORT),
      send,
      isWhole: (bytes) => isWhole(bytes) || isRefused(bytes),
      withinMs,
    })
    return read(answer.toString('latin1'), shownUrl(address), askedMs, Date.now())
  } catch (error) {
    const mend = 'start it, or mend REDIS_URL; edges count each for itself meanwhile'
    return [fault(NAME, `${shownUrl(address)}: ${firstLine(error)}`, mend)]
  }
}

function read(answer: string, where: string, askedMs: number, answeredMs: number): readonly Finding[] {
  const refusal = /^-(\w+.*)\r\n/m.exec(answer)?.[1]
  if (refusal !== undefined) return [fault(NAME, `${where}: ${refusal}`, 'mend user and password of REDIS_URL')]
  const version = /redis_version:(\S+)/.exec(answer)?.[1] ?? 'unknown'
  const said = `${where}, version ${version}`
  const seconds = Number(/\*2\r\n\$\d+\r\n(\d+)\r\n/.exec(answer)?.[1])
  const clock = clockFinding(NAME, { theirsMs: seconds * 1000, askedMs, answeredMs, resolutionMs: 1000 })
  const old = Number.parseInt(version, 10) < VERSION_MIN
  return [old ? warning(NAME, said, `take Redis ${VERSION_MIN} or newer`) : ok(NAME, said), clock]
}

function command(...words: readonly string[]): Buffer {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
  return Buffer.from(`*${words.length}\r\n${parts.join('')}`)
}
