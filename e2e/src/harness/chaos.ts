/**
 * Seeded destruction: what to kill, when, and how it comes back. Every act ends with both parts running again (or with
 * the supervisor running them), so acts can follow each other in any order while clients keep sending.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EDGE_FAULT_POINTS } from '../../../ingest-edge/src/fault-point.ts'
import { FAULT_POINTS } from '../../../stream-jobs/src/fault-points.ts'
import type { Ledger } from './ledger.ts'
import { childrenOf, commandOf } from './process-table.ts'
import type { Product } from './product.ts'
import type { Random } from './random.ts'
import type { Traffic } from './traffic.ts'
import { waitFor } from './wait-for.ts'

export const ACTS = [
  'kill the edge',
  'kill the core',
  'kill both',
  'kill the core at a fault point',
  'kill the edge at a fault point',
  'kill the core, its dedupe index is lost',
  'kill the core again while it starts',
  'freeze the core, then go on',
  'kill the supervisor',
  'kill what the supervisor runs',
] as const
export type Act = (typeof ACTS)[number]

export interface Stage {
  readonly product: Product
  readonly ledger: Ledger
  readonly random: Random
  readonly traffic: Traffic
}

export interface ChaosReport {
  kills: number
  readonly acts: Record<string, number>
}

/** Reached by every batch of live traffic; the others need a state of their own. */
const COMMON_FAULT_POINTS = FAULT_POINTS.filter((p) => !/redo|rebuild|quarantine/.test(p))

/** Acts until at least `kills` processes were killed. Both parts must run; both run afterwards. */
export async function runChaos(stage: Stage, kills: number, say: (line: string) => void): Promise<ChaosReport> {
  const report: ChaosReport = { kills: 0, acts: {} }
  // Every kind of act comes before any comes again, so that a short run sees as many kinds as it has kills.
  let order: Act[] = []
  while (report.kills < kills) {
    if (order.length === 0) order = stage.random.shuffled(ACTS)
    const act = order.pop() ?? 'kill the core'
    await someTraffic(stage)
    const before = report.kills
    report.kills += await perform(act, stage)
    report.acts[act] = (report.acts[act] ?? 0) + 1
    say(
      `${act}: ${report.kills - before} killed, ${report.kills} in all, ${stage.ledger.acknowledgedCopies()} copies sent`,
    )
  }
  await someTraffic(stage)
  return report
}

/** Waits until clients got some more answers; how many is the random's choice, so that kills fall anywhere. */
export async function someTraffic({ ledger, random, traffic }: Omit<Stage, 'product'>, most = 600): Promise<void> {
  const wanted = ledger.acknowledgedCopies() + random.integer(20, most)
  await waitFor(`${wanted} acknowledged copies`, () => ledger.acknowledgedCopies() >= wanted, {
    abortWhen: traffic.failure,
    everyMs: 5,
  })
}

/** How many processes it killed. */
async function perform(act: Act, stage: Stage): Promise<number> {
  const { product, random } = stage
  switch (act) {
    case 'kill the edge':
      await killPart(product, 'edge')
      await product.start('edge')
      return 1
    case 'kill the core':
      await killPart(product, 'core')
      // The edge goes on without it, for a while or not at all.
      if (random.chance(0.5)) await someTraffic(stage, 300)
      await product.start('core')
      return 1
    case 'kill both': {
      await Promise.all([killPart(product, 'edge'), killPart(product, 'core')])
      await Promise.all([product.start('edge'), product.start('core')])
      return 2
    }
    case 'kill the core at a fault point':
      await killPart(product, 'core')
      await dieAtFaultPoint(stage, 'core', random.pick(COMMON_FAULT_POINTS), random.integer(1, 2))
      await product.start('core')
      return 2
    case 'kill the edge at a fault point':
      await killPart(product, 'edge')
      await dieAtFaultPoint(stage, 'edge', random.pick(EDGE_FAULT_POINTS), random.integer(1, 40))
      await product.start('edge')
      return 2
    case 'kill the core, its dedupe index is lost':
      await killPart(product, 'core')
      await rm(join(product.dataDir, 'dedupe'), { recursive: true, force: true })
      await product.start('core')
      return 1
    case 'kill the core again while it starts':
      await killPart(product, 'core')
      await killWhileStarting(stage)
      await product.start('core')
      return 2
    case 'freeze the core, then go on':
      await freeze(stage)
      return 0
    case 'kill the supervisor':
    case 'kill what the supervisor runs':
      return await superviseAndKill(stage, act === 'kill the supervisor')
  }
}

export async function killPart(product: Product, name: 'edge' | 'core'): Promise<void> {
  const part = product.running(name)
  if (part === null) throw new Error(`kill the ${name}: it does not run`)
  const exit = await part.kill()
  if (exit.signal !== 'SIGKILL') throw new Error(`kill the ${name}: it had ended by itself\n${part.output()}`)
}

/** Starts a part with a fault armed and waits until it has died of it. Clients must be sending. */
export async function dieAtFaultPoint(
  { product, traffic }: Stage,
  name: 'edge' | 'core',
  point: string,
  passage: number,
): Promise<void> {
  const part = await product.launch(name, { env: { ECOMIND_FAULT_POINT: `${point}:${passage}` } })
  const exit = await waitFor(`the ${name} to die at ${point}:${passage}`, part.exit, {
    timeoutMs: 300_000,
    abortWhen: traffic.failure,
  })
  if (exit.signal !== 'SIGKILL')
    throw new Error(`die at ${point}:${passage}: it ended with ${JSON.stringify(exit)}\n${part.output()}`)
}

/** The core starts and is killed before it is healthy; after how much of its start is the random's choice. */
async function killWhileStarting(stage: Stage): Promise<void> {
  const part = await stage.product.launch('core')
  await someTraffic(stage, 300)
  const exit = await part.kill()
  if (exit.signal !== 'SIGKILL') throw new Error(`kill the starting core: it had ended by itself\n${part.output()}`)
}

/** A process that stands still for a while and wakes up behind time, as on a machine that was put to sleep. */
async function freeze(stage: Stage): Promise<void> {
  const core = stage.product.running('core')
  core?.signal('SIGSTOP')
  await someTraffic(stage, 400)
  core?.signal('SIGCONT')
}

/** The two parts are handed to a supervisor, it or its children are killed, and the two parts run by themselves again. */
async function superviseAndKill(stage: Stage, theSupervisor: boolean): Promise<number> {
  const { product, random } = stage
  await Promise.all([killPart(product, 'edge'), killPart(product, 'core')])
  const supervisor = await product.start('supervisor')
  await someTraffic(stage)
  let kills = 2
  if (!theSupervisor) kills += await killSomeChildren(product, random)
  if (!theSupervisor) await supervisor.ready()
  await someTraffic(stage)
  await supervisor.kill()
  kills++
  await waitFor('the children of the killed supervisor to stop by themselves', async () => {
    return (await product.processes()).length === 0 && (await product.portsAreFree())
  })
  await Promise.all([product.start('edge'), product.start('core')])
  return kills
}

/** kill -9 of one or both children; the supervisor has to start them again. */
async function killSomeChildren(product: Product, random: Random): Promise<number> {
  const children = await supervisedParts(product)
  const victims = random.shuffled(children).slice(0, random.integer(1, children.length))
  for (const { pid } of victims) process.kill(pid, 'SIGKILL')
  await waitFor('the supervisor to have started again what was killed', async () => {
    const now = await supervisedParts(product)
    return now.length === children.length && now.every((c) => victims.every((v) => v.pid !== c.pid))
  })
  return victims.length
}

export interface SupervisedPart {
  readonly pid: number
  readonly command: string
}

/** The edge and the core that the running supervisor has started. */
export async function supervisedParts(product: Product): Promise<SupervisedPart[]> {
  const supervisor = product.running('supervisor')
  if (supervisor === null) throw new Error('look for supervised parts: no supervisor runs')
  const children = await Promise.all(
    (await childrenOf(supervisor.pid)).map(async (pid) => ({ pid, command: await commandOf(pid) })),
  )
  // The supervisor's TypeScript loader has a helper process of its own.
  return children.filter((c) => /processes\/(edge|core)\.mjs/.test(c.command))
}
