import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { joinOpenGate, type OpenGate } from './open-gate.ts'
import { ownIdentity } from './process-identity.ts'
import { acquireProcessLock } from './process-lock.ts'
import { type RunningProcess, runProcess } from './test-processes/run-process.ts'

let dir: string
const gates = new Set<OpenGate>()
const running = new Set<RunningProcess>()

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-gate-'))
})

afterEach(async () => {
  for (const gate of gates) await gate.close()
  for (const one of running) {
    one.kill('SIGKILL')
    await one.ended
  }
  gates.clear()
  running.clear()
  await rm(dir, { recursive: true, force: true })
})

async function joined(waitMs = 60_000): Promise<OpenGate> {
  const gate = await joinOpenGate(dir, waitMs)
  gates.add(gate)
  return gate
}

async function inside(what: 'write' | 'open'): Promise<RunningProcess> {
  const one = runProcess('stay-in-gate.ts', [dir, what])
  running.add(one)
  await one.hasPrinted(1)
  return one
}

/** Work that goes on until the test ends it, and says when it has begun. */
function held() {
  let begin = () => {}
  let end = () => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  const work = async () => {
    begin()
    await over
  }
  return { work, begun, end: () => end() }
}

describe('the gate of a log', () => {
  test('an opening waits until the writes under way are over, and writes wait until it is over', async () => {
    const [writer, opener] = [await joined(), await joined()]
    const order: string[] = []
    const first = held()
    const wrote = writer.write(first.work).then(() => order.push('written'))
    await first.begun
    const second = held()
    const opened = opener.open(async () => {
      order.push('opening')
      await second.work()
      order.push('opened')
    })
    // Long enough for an opening that did not wait.
    await pause(50)
    first.end()
    await second.begun
    const late = writer.write(async () => void order.push('written later'))
    await pause(50)
    second.end()
    await Promise.all([wrote, opened, late])
    expect(order).toEqual(['written', 'opening', 'opened', 'written later'])
  })

  test('writes do not wait for each other', async () => {
    const [one, other] = [await joined(), await joined()]
    const writes = [held(), held(), held()]
    const all = writes.map(({ work }, index) => (index === 0 ? other : one).write(work))
    await Promise.all(writes.map(({ begun }) => begun))
    for (const { end } of writes) end()
    await Promise.all(all)
  })

  test('gives what the work gives and throws what it throws, and is free behind it', async () => {
    const gate = await joined()
    const fail = async () => {
      throw new Error('no room')
    }
    await expect(gate.write(fail)).rejects.toThrow('no room')
    await expect(gate.open(fail)).rejects.toThrow('no room')
    expect(await gate.write(async () => 'written')).toBe('written')
    expect(await (await joined()).open(async () => 'opened')).toBe('opened')
  })

  test('in any order nobody is in a write while somebody opens', async () => {
    const step = fc.record({ member: fc.nat(3), what: fc.constantFrom('write', 'open'), pauseMs: fc.nat(3) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 24 }), async (steps) => {
        const members = await Promise.all([joined(), joined(), joined(), joined()])
        const now = { write: 0, open: 0 }
        const meetings: string[] = []
        const work = (what: 'write' | 'open', pauseMs: number) => async () => {
          now[what]++
          if (now.open > 1 || (now.open > 0 && now.write > 0)) meetings.push(JSON.stringify(now))
          await pause(pauseMs)
          now[what]--
        }
        const all = steps.map(({ member, what, pauseMs }) => members[member]?.[what](work(what, pauseMs)))
        await Promise.all(all)
        for (const member of members) {
          await member.close()
          gates.delete(member)
        }
        expect(meetings).toEqual([])
      }),
      { numRuns: 50 },
    )
  })

  test('a process killed in a write keeps nobody from opening, one killed while opening nobody from writing', async () => {
    for (const what of ['write', 'open'] as const) {
      const killed = await inside(what)
      killed.kill('SIGKILL')
      await killed.ended
    }
    const gate = await joined()
    expect(await gate.open(async () => 'opened')).toBe('opened')
    expect(await gate.write(async () => 'written')).toBe('written')
    expect(await readdir(join(dir, 'writers'))).toHaveLength(1)
  })

  test('a process that stays in a write is named to whoever wants to open', async () => {
    const staying = await inside('write')
    const gate = await joined(200)
    await expect(gate.open(async () => 'opened')).rejects.toThrow(`process ${staying.pid} has been writing for 200 ms`)
    expect(await gate.write(async () => 'written')).toBe('written')
  })

  test('a write waits for an opening of another process, and goes on when that was killed', async () => {
    const opening = await inside('open')
    const gate = await joined()
    let written = false
    const writing = gate.write(async () => {
      written = true
    })
    await pause(100)
    expect(written).toBe(false)
    opening.kill('SIGKILL')
    await opening.ended
    await writing
    expect(written).toBe(true)
  })

  test('neither a lock that has not closed the gate nor a gate left closed holds up a write', async () => {
    const gate = await joined()
    const lock = await acquireProcessLock(join(dir, 'opening.lock'))
    expect(await gate.write(async () => 'beside a claim')).toBe('beside a claim')
    await lock.release()
    await writeFile(join(dir, 'opening.lock', 'closed'), '')
    expect(await gate.write(async () => 'beside a mark')).toBe('beside a mark')
  })

  test('a process of another container counts as long as its file is touched', async () => {
    const gate = await joined(100)
    const file = join(dir, 'writers', 'elsewhere')
    await writeFile(
      file,
      `1${JSON.stringify({ ...ownIdentity(), pidNamespace: 'pid:[1]', bootId: 'other', host: 'h' })}`,
    )
    await expect(gate.open(async () => 'opened')).rejects.toThrow('has been writing')
    const longAgo = new Date(Date.now() - 60_000)
    await utimes(file, longAgo, longAgo)
    expect(await gate.open(async () => 'opened')).toBe('opened')
  })

  test('nothing is written through a gate that was closed', async () => {
    const gate = await joinOpenGate(dir, 100)
    await gate.close()
    await expect(gate.write(async () => 'written')).rejects.toThrow('the log is closed')
  })
})
