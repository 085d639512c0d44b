/** A TCP proxy on 127.0.0.1 that stands still while what is behind it comes and goes, and does harm when told to. */
import { connect, createServer, type Socket } from 'node:net'

/** Bytes of the request that pass before the cut, or of the answer. */
export type ProxyFault =
  | { readonly kind: 'cut-request'; readonly afterBytes: number }
  | { readonly kind: 'cut-answer'; readonly afterBytes: number }
  /** Open connections are reset, and new ones as soon as they stand. */
  | { readonly kind: 'refuse' }
  /** Everything is swallowed: nobody is told anything. */
  | { readonly kind: 'black-hole' }
  /** Each chunk waits. */
  | { readonly kind: 'slow'; readonly chunkMs: number }

export interface TcpProxy {
  readonly port: number
  /** Where connections go from now on; open ones stay. */
  target(port: number): void
  /** Cuts strike once, the others last until `null`. Open connections are under it too. */
  harm(fault: ProxyFault | null): void
  /** Cuts that were made since `harm`. */
  cuts(): number
  close(): Promise<void>
}

export async function openTcpProxy(targetPort: number): Promise<TcpProxy> {
  let port = targetPort
  let fault: ProxyFault | null = null
  let cuts = 0
  const open = new Set<Socket>()
  const state = {
    fault: () => fault,
    cut: () => {
      fault = null
      cuts += 1
    },
  }
  const server = createServer({ noDelay: true }, (client) => {
    if (fault?.kind === 'refuse') {
      client.resetAndDestroy()
      return
    }
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true })
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('close', () => open.delete(socket))
      socket.on('error', () => undefined)
    }
    relay(client, upstream, 'cut-request', state)
    relay(upstream, client, 'cut-answer', state)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    target: (to) => {
      port = to
    },
    harm: (next) => {
      fault = next
      cuts = 0
      if (next?.kind === 'refuse') for (const socket of open) socket.resetAndDestroy()
    },
    cuts: () => cuts,
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface RelayState {
  fault(): ProxyFault | null
  cut(): void
}

function relay(from: Socket, to: Socket, cutKind: 'cut-request' | 'cut-answer', state: RelayState): void {
  let passed = 0
  let under: ProxyFault | null = null
  from.on('data', (chunk: Buffer) => {
    const fault = state.fault()
    if (fault !== under) {
      under = fault
      passed = 0
    }
    if (fault?.kind === 'black-hole') return
    if (fault?.kind === cutKind && 'afterBytes' in fault) {
      if (passed + chunk.length > fault.afterBytes) {
        to.write(chunk.subarray(0, fault.afterBytes - passed))
        state.cut()
        to.destroySoon()
        from.resetAndDestroy()
        return
      }
      passed += chunk.length
    }
    if (fault?.kind === 'slow') {
      from.pause()
      setTimeout(() => from.resume(), fault.chunkMs)
    }
    if (!to.destroyed) to.write(chunk)
  })
  from.on('close', () => to.destroySoon())
  from.on('end', () => to.destroySoon())
}
