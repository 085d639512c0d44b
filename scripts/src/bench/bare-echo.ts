/** The yardstick beside the edge: a bare uWebSockets.js server that takes the same body and answers 202, nothing else. */
import uWS from 'uWebSockets.js'

const app = uWS.App()
app.post('/v1/ingest', (res) => {
  let length = 0
  res.onAborted(() => {})
  res.onData((chunk, isLast) => {
    length += chunk.byteLength
    if (isLast) res.cork(() => res.writeStatus('202 Accepted').end(`{"accepted":1,"rejected":[],"bytes":${length}}`))
  })
})
app.get('/health', (res) => {
  res.end('{}')
})
app.listen('127.0.0.1', Number(process.argv[2]), (socket) => {
  if (!socket) process.exit(1)
})
