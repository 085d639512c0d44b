import { writeSync } from 'node:fs'
import { argv } from 'node:process'
import { openStore, recordsOf } from '../lmdb-store.ts'

/** `hold-write-lock.ts <dir>`: begins a transaction, writes half of it, prints "writing" and never goes on. */
const [dir = ''] = argv.slice(2)
const store = await openStore(dir, 2)
store.root.transactionSync(() => {
  recordsOf(store, 0).putSync(0, Buffer.from('half a transaction'))
  writeSync(1, 'writing\n')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})
