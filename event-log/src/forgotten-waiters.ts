/**
 * Wakes threads of this process that wait for LMDB's write lock although it is free. A process killed at the moment it was
 * woken for that lock takes the wake-up with it, and when another has taken the lock by then the kernel wakes nobody else:
 * whoever still waits is forgotten for as long as no third process waits too (robust mutexes of glibc on Linux; with two
 * processes at the lock and a third killed, seen after 10 to 35 of 200 kills: docs/decisions/2026-11-27-forgotten-waiters).
 *
 * A signal makes a thread look at the lock again. Only threads that wait at a lock between processes get one; SIGURG,
 * because without a handler it does nothing at all.
 */
import { readdirSync, readFileSync } from 'node:fs'

/** Number of the system call `futex` by `process.arch`. */
const FUTEX_CALL: Readonly<Record<string, number>> = { x64: 202, arm64: 98 }
/** linux/futex.h */
const FUTEX_PRIVATE = 128
const FUTEX_CLOCK_REALTIME = 256
const FUTEX_WAITS: readonly number[] = [0, 9]
const TASKS = '/proc/self/task'
const SIGNAL = 'SIGURG'

let isListening = false

/** Returns how many threads were told. On other systems than Linux there are none: they have other locks. */
export function wakeForgottenWaiters(): number {
  if (process.platform !== 'linux') return 0
  const threads = waitingThreads()
  if (threads.length > 0 && !isListening) {
    process.on(SIGNAL, () => undefined)
    isListening = true
  }
  // One that has ended meanwhile waits for nothing.
  return threads.filter((thread) => {
    try {
      return process.kill(thread, SIGNAL)
    } catch {
      return false
    }
  }).length
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
    if (call === undefined || call !== FUTEX_CALL[process.arch] || operation === undefined) return false
    return (operation & FUTEX_PRIVATE) === 0 && FUTEX_WAITS.includes(operation & ~FUTEX_CLOCK_REALTIME)
  } catch {
    return false
  }
}
