/** The yardstick beside the edge: a bare server on the same HTTP engine that takes the body, answers 202, and no more. */
import { loadUws } from '@ecomind/ingest-edge/load-uws'

/** Refuses a second listener on the port. */
const LISTEN_EXCLUSIVE_PORT = 1

const engine = process.env['EDGE_HTTP_ENGINE'] === 'javascript' ? 'javascript' : 'auto'
const app = loadUws({ engine, uwsDir: process.env['EDGE_UWS_DIR'] }).uws.App()
app.any('/*', (res) => {
  let length = 0
  res.onAborted(() => {})
  res.onData((chunk, isLast) => {
    length += chunk.byteLength
    if (isLast) res.cork(() => res.writeStatus('202 Accepted').end(`{"accepted":1,"rejected":[],"bytes":${length}}`))
  })
})
app.listen('127.0.0.1', Number(process.argv[2]), LISTEN_EXCLUSIVE_PORT, (socket) => {
  if (socket === false) process.exit(1)
})
