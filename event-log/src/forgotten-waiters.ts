/**
 * Wakes threads of this process that wait for LMDB's write lock although it is free. A process killed at the moment it was
 * woken for that lock takes the wake-up with it, and when another has taken the lock by then the kernel wakes nobody else:
 * whoever still waits is forgotten for as long as no third process waits too (robust mutexes of glibc on Linux; with two
 * processes at the lock and a third killed, seen after 10 to 35 of 200 kills: docs/decisions/2026-11-27-forgotten-waiters).
 *
 * A signal makes a thread look at the lock again. Only a thread that waits at a lock between processes without a time of
 * its own gets one, as LMDB's waiters do; SIGURG, because without a handler it does nothing at all.
 */
import { readdirSync, readFileSync } from 'node:fs'

/** Number of the system call `futex` by `process.arch`. */
const FUTEX_CALL: Readonly<Record<string, number>> = { x64: 202, arm64: 98 }
/** linux/futex.h: FUTEX_WAIT without FUTEX_PRIVATE_FLAG. */
const FUTEX_WAIT_SHARED = 0
const TASKS = '/proc/self/task'
const SIGNAL = 'SIGURG'

let isListening = false
let turn = 0

/**
 * True when a thread was told; of several one in turn, because of two signals at once the system drops one. On other systems
 * than Linux there are none: they have other locks.
 */
export function wakeForgottenWaiter(): boolean {
  if (process.platform !== 'linux') return false
  const threads = waitingThreads()
  const thread = threads[turn++ % threads.length]
  if (thread === undefined) return false
  if (!isListening) process.on(SIGNAL, () => undefined)
  isListening = true
  try {
    return process.kill(thread, SIGNAL)
  } catch {
    // It has ended meanwhile and waits for nothing.
    return false
  }
}

function waitingThreads(): number[] {
  try {
    return readdirSync(TASKS).map(Number).filter(waitsForOtherProcesses)
  } catch {
    return []
  }
}

/** `syscall` is the call's number and its arguments in hexadecimal: address, operation, ...; or `running`. */
function waitsForOtherProcesses(thread: number): boolean {
  try {
    const [call, , operation] = readFileSync(`${TASKS}/${thread}/syscall`, 'latin1').split(' ').map(Number)
    return call !== undefined && call === FUTEX_CALL[process.arch] && operation === FUTEX_WAIT_SHARED
  } catch {
    return false
  }
}
