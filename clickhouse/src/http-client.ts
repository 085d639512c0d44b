/** The client of one server, with our agent, our clocks and one way to log in. */
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import type { HttpAgent } from './http-agent.ts'
import type { HttpTarget, HttpTimeouts } from './http-target.ts'

export function openClient(target: HttpTarget, agent: HttpAgent, timeouts: HttpTimeouts): ClickHouseClient {
  const gzip = target.compression !== 'none'
  const byCertificate = target.tls?.cert !== undefined && target.password === undefined
  const username = target.username ?? 'default'
  return createClient({
    url: target.url,
    username,
    password: target.password ?? '',
    http_agent: agent.agent,
    // The client's timer is one of silence; each statement has its own, which is one of time.
    request_timeout: timeouts.longMs,
    compression: { response: gzip, request: gzip ? { codec: 'gzip', level: 1 } : false },
    keep_alive: { enabled: true, idle_socket_ttl: timeouts.idleMs, eagerly_destroy_stale_sockets: true },
    application: 'ecomind',
    // Errors are thrown and logged by whoever catches them; the client would print them to the console.
    log: { level: ClickHouseLogLevel.OFF },
    ...(byCertificate
      ? {
          set_basic_auth_header: false,
          http_headers: { 'X-ClickHouse-User': username, 'X-ClickHouse-SSL-Certificate-Auth': 'on' },
        }
      : {}),
  })
}
