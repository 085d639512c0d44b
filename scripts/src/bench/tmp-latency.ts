import { execSync, spawn } from 'node:child_process'
import { load, loadPlan, openBench, pause } from './product.ts'
const bench = await openBench()
const edge = await bench.start('edge')
const t = { ids: 'uuid', users: 2000, models: 4 } as const
await load(loadPlan(bench.edgePort, t, { batch: 1, connections: 128, durationMs: 3000 }))
for (const rate of process.argv.slice(2).map(Number)) {
  let tr: ReturnType<typeof spawn> | null = null
  if (process.env['STRACE']) { tr = spawn('strace', ['-f', '-T', '-tt', '-e', 'trace=fdatasync,fsync,msync,sync_file_range,pwrite64,pwritev,writev', '-o', '/tmp/lead/strace.out', '-p', String(edge.pid())], { stdio: 'ignore' }); await pause(500) }
  const r = await load(loadPlan(bench.edgePort, t, { batch: 1, connections: 128, durationMs: 5000, ratePerSecond: rate }))
  console.log(rate, JSON.stringify(r.latency), 'late', JSON.stringify(r.sentLate), 'dropped', r.dropped, 'el', r.elapsedMs)
  tr?.kill('SIGINT')
}
console.log(execSync('uptime').toString())
await bench.end()
