/** What this package measures; the registry is the process's own. */
import { Gauge, Histogram, type Registry } from 'prom-client'

export interface ApiMetrics {
  readonly observe: (route: string, method: string, status: number, seconds: number) => void
}

export function apiMetrics(registry: Registry, liveConnections: () => number): ApiMetrics {
  const seconds = new Histogram({
    name: 'ecomind_api_request_seconds',
    help: 'Time from request to answer, by route, method and status',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  new Gauge({
    name: 'ecomind_api_live_connections',
    help: 'Clients listening to /v1/live now',
    registers: [registry],
    collect() {
      this.set(liveConnections())
    },
  })
  return { observe: (route, method, status, s) => seconds.observe({ route, method, status: String(status) }, s) }
}
