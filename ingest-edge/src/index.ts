/** The ingest edge: HTTP in, durable log records out. */
export { ConfigError, type EdgeConfig, edgeSettings, readEdgeConfig } from './config.ts'
export { EDGE_FAULT_POINTS, type EdgeFaultPointName } from './fault-point.ts'
export { type EdgeDeps, type RunningEdge, startEdge } from './start-edge.ts'
