/**
 * Free ports for benchmarks and tests, which start real processes. It stands here because `--compare` takes this folder
 * to a base that may not have it.
 */
import { type AddressInfo, createServer, type Server } from 'node:net'

const given = new Set<number>()

/** Ports of 127.0.0.1 that nobody listens on now; this process gets none of them twice. */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = []
  const ports: number[] = []
  try {
    while (ports.length < count) {
      const server = await listenAnywhere()
      // One that was given before is held as well, so that the next draw is another.
      held.push(server)
      const { port } = server.address() as AddressInfo
      if (given.has(port)) continue
      given.add(port)
      ports.push(port)
    }
    return ports
  } finally {
    await Promise.all(held.map((server) => new Promise((closed) => server.close(closed))))
  }
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1)
  return port
}

/** Those of a whole product, and the settings that give them to it. */
export async function freeProductPorts() {
  const [edge = 0, api = 0, sql = 0] = await freePorts(3)
  return { edge, api, sql, env: { EDGE_PORT: String(edge), API_PORT: String(api), SQL_PORT: String(sql) } }
}

function listenAnywhere(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}
