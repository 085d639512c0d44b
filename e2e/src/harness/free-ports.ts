import { createServer } from 'node:net'

/**
 * Ports of 127.0.0.1 that nobody listens on now, all different. They are held together while they are chosen, so one
 * call never gives the same port twice.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listenAnywhere))
  const ports = servers.map((s) => s.port)
  await Promise.all(servers.map((s) => s.close()))
  return ports
}

function listenAnywhere(): Promise<{ port: number; close: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') return reject(new Error('listen on a free port: no address'))
      resolve({ port: address.port, close: () => new Promise((done) => server.close(() => done())) })
    })
  })
}

/** True when a server could listen on this port of 127.0.0.1 now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
