/** What most whole-path tests begin and end with: a running product, clients, and the oracle's verdict. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { config } from '../config.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { judge, type Verdict, waitSettled } from './oracle.ts'
import { createProduct, type Product, type ProductOptions } from './product.ts'
import { createRandom, type Random } from './random.ts'
import { startTraffic, type Traffic } from './traffic.ts'

/** A line for the reader of the test's log. */
export function say(line: string): void {
  process.stdout.write(`    ${line}\n`)
}

export interface Scenario {
  readonly product: Product
  readonly ledger: Ledger
  readonly random: Random
}

/** Runs `body` on a product of its own; prints the seed and, when it fails, the end of the product's log. */
export async function withProduct(
  name: string,
  body: (scenario: Scenario) => Promise<void>,
  options: ProductOptions = {},
): Promise<void> {
  say(`${name}: E2E_SEED=${config.seed}`)
  const product = await createProduct(options)
  try {
    await body({ product, ledger: createLedger(), random: createRandom(config.seed).fork(name) })
  } catch (error) {
    say(`${name} failed with E2E_SEED=${config.seed}; the end of the product's output:`)
    process.stdout.write(`${product.output().slice(-8_000)}\n${await readLogs(product)}\n`)
    throw error
  } finally {
    await product.dispose()
  }
}

/** The ends of the log files that a supervisor writes. */
async function readLogs({ dataDir }: Product): Promise<string> {
  const logs = await Promise.all(
    ['core', 'edge'].map((name) => readFile(join(dataDir, 'logs', `${name}.log`), 'utf8').catch(() => '')),
  )
  return logs.map((text) => text.slice(-4_000)).join('\n')
}

export async function startBoth(product: Product): Promise<void> {
  await Promise.all([product.start('edge'), product.start('core')])
}

export function startClients({ product, ledger, random }: Scenario, clients = 3): Traffic {
  return startTraffic({ edgeUrl: product.edgeUrl, ledger, random: random.fork('traffic'), clients, nowMs: Date.now() })
}

/** Waits until all is loaded, and fails with every difference that the oracle finds. */
export async function expectExactlyOnce({ product, ledger }: Scenario, timeoutMs?: number): Promise<Verdict> {
  await waitSettled(product, ledger, timeoutMs)
  const verdict = await judge(product, ledger)
  expect(verdict.differences).toEqual([])
  expect(verdict).toMatchObject({ lost: 0, doubled: 0, stored: ledger.acknowledgedEvents() })
  return verdict
}

/** One line of figures for the log of the test. */
export function figures({ ledger }: Pick<Scenario, 'ledger'>, verdict: Verdict): string {
  const { accepted, stored, duplicate, quarantined } = verdict.reconciliation
  return [
    `${ledger.acknowledgedEvents()} events in ${ledger.acknowledgedCopies()} acknowledged copies`,
    `accepted ${accepted} = stored ${stored} + duplicate ${duplicate} + quarantined ${quarantined}`,
    `lost ${verdict.lost}, doubled ${verdict.doubled}`,
  ].join('; ')
}
