/** What can be made to go wrong inside a write front, each at the n-th insert into one table. */
import type { ServerResponse } from 'node:http'

/** `die-*`: the process kills itself. `refuse-*`: ClickHouse's own answers. `proxy-*`: answers of something in between. */
export const FRONT_FAULTS = [
  'die-before-commit',
  'die-during-commit',
  'die-after-commit',
  'hang-before-commit',
  'hang-after-commit',
  'refuse-read-only',
  'refuse-memory-limit',
  'refuse-unknown-status',
  'proxy-502-before-commit',
  'proxy-503-before-commit',
  'proxy-504-after-commit',
  'proxy-429-before-commit',
  'exception-in-body-after-commit',
] as const
export type FrontFault = (typeof FRONT_FAULTS)[number]

export interface Arming {
  readonly fault: FrontFault
  readonly table: string
  /** 1: the next insert into the table. */
  readonly nth: number
  /** How many inserts in a row it strikes. */
  readonly times: number
  /** Of `die-during-commit`: milliseconds behind the start of the insert. */
  readonly afterMs: number
}

export interface FrontStep {
  /** Null for statements that are no insert of a block. */
  readonly table: string | null
  readonly text: string
  readonly response: ServerResponse
}

export interface ArmedFaults {
  arm(arming: Arming | null): void
  /** How often a fault struck since it was armed. */
  struck(): number
  /** True: the request has its answer, or never gets one. */
  before(step: FrontStep): Promise<boolean>
  during(step: FrontStep): void
  after(step: FrontStep): Promise<boolean>
}

export const noFaults: ArmedFaults = {
  arm: () => undefined,
  struck: () => 0,
  before: async () => false,
  during: () => undefined,
  after: async () => false,
}

const CODES: Readonly<Record<string, readonly [number, string]>> = {
  'refuse-read-only': [242, 'Table is in readonly mode. (TABLE_IS_READ_ONLY)'],
  'refuse-memory-limit': [241, 'Memory limit (total) exceeded. (MEMORY_LIMIT_EXCEEDED)'],
  'refuse-unknown-status': [319, 'Unknown status, client must retry. (UNKNOWN_STATUS_OF_INSERT)'],
}

/** @param die how a process ends itself; default SIGKILL */
export function createFaults(die = () => process.kill(process.pid, 'SIGKILL')): ArmedFaults {
  let armed: Arming | null = null
  let seen = 0
  let struck = 0
  let current: Arming | null = null
  const strikes = (step: FrontStep): Arming | null => {
    if (armed === null || step.table !== armed.table) return null
    seen += 1
    if (seen < armed.nth || seen >= armed.nth + armed.times) return null
    struck += 1
    return armed
  }
  return {
    arm(arming) {
      armed = arming
      seen = 0
      struck = 0
    },
    struck: () => struck,
    async before(step) {
      current = strikes(step)
      return current === null ? false : strikeBefore(current.fault, step.response, die)
    },
    during() {
      if (current?.fault === 'die-during-commit') setTimeout(die, current.afterMs)
    },
    async after(step) {
      const arming = step.table === current?.table ? current : null
      return arming === null ? false : strikeAfter(arming.fault, step.response, die)
    },
  }
}

function strikeBefore(fault: FrontFault, response: ServerResponse, die: () => void): boolean {
  if (fault === 'die-before-commit') die()
  const refusal = CODES[fault]
  if (refusal !== undefined) {
    response.writeHead(500, { 'x-clickhouse-exception-code': String(refusal[0]) })
    response.end(`Code: ${refusal[0]}. DB::Exception: ${refusal[1]}`)
    return true
  }
  const proxy = /^proxy-(\d+)-before/.exec(fault)?.[1]
  if (proxy !== undefined) {
    response.writeHead(Number(proxy), { 'content-type': 'text/html' })
    response.end(`<html><h1>${proxy}</h1></html>`)
    return true
  }
  return fault === 'hang-before-commit' || fault === 'die-before-commit'
}

function strikeAfter(fault: FrontFault, response: ServerResponse, die: () => void): boolean {
  if (fault === 'die-after-commit') die()
  if (fault === 'proxy-504-after-commit') response.writeHead(504).end('<html>gateway time-out</html>')
  if (fault === 'exception-in-body-after-commit') {
    response.end('Code: 210. DB::NetException: Connection reset by peer. (NETWORK_ERROR)')
  }
  return /after-commit$/.test(fault)
}
