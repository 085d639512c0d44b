/** Files that were lost or damaged while the product was down: either it makes no difference, or it is said, never counted wrong. */
import { appendFile, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LOCAL_ORG_ID, quarantineAnswer } from '@ecomind/schemas'
import { describe, expect, it } from 'vitest'
import { getJson, getReconciliation } from './harness/api-client.ts'
import { killPart, someTraffic } from './harness/chaos.ts'
import { compareRaw } from './harness/compare-raw.ts'
import { filesOf } from './harness/files-of.ts'
import { readRaw } from './harness/oracle.ts'
import {
  expectExactlyOnce,
  figures,
  type Scenario,
  say,
  startBoth,
  startClients,
  withProduct,
} from './harness/scenario.ts'
import { querySql } from './harness/sql-client.ts'
import { waitFor } from './harness/wait-for.ts'

const TIMEOUT_MS = 1_200_000

async function send(scenario: Scenario, name: string): Promise<void> {
  const traffic = startClients({ ...scenario, random: scenario.random.fork(name) })
  await someTraffic({ ...scenario, traffic })
  await traffic.finish()
}

const logFile = ({ product }: Scenario): string => join(product.dataDir, 'log/data.mdb')

describe('the dedupe index', () => {
  it('deleted while the core is down is rebuilt, and old ids sent again are still duplicates', {
    timeout: TIMEOUT_MS,
  }, async () => {
    await withProduct('index-deleted', async (scenario) => {
      const { product, ledger } = scenario
      await startBoth(product)
      await send(scenario, 'before')
      await expectExactlyOnce(scenario)
      await killPart(product, 'core')
      await rm(join(product.dataDir, 'dedupe'), { recursive: true })
      await product.start('core')
      const before = ledger.acknowledgedEvents()
      await send(scenario, 'after')
      const again = [...ledger.entries.values()].slice(0, before).map((e) => e.event)
      const answer = await fetch(`${product.edgeUrl}/v1/ingest`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(again.slice(0, 900)),
      })
      expect(answer.status).toBe(202)
      ledger.recordAcknowledged(again.slice(0, 900))
      const verdict = await expectExactlyOnce(scenario)
      expect(verdict.reconciliation.duplicate).toBeGreaterThanOrEqual(Math.min(before, 900))
      say(figures(scenario, verdict))
    })
  })

  it('cut short or overwritten while the core is down makes no difference', { timeout: TIMEOUT_MS }, async () => {
    await withProduct('index-damaged', async (scenario) => {
      const { product, random } = scenario
      await startBoth(product)
      await send(scenario, 'before')
      await expectExactlyOnce(scenario)
      for (const damage of ['cut', 'overwrite'] as const) {
        await killPart(product, 'core')
        const files = await filesOf(join(product.dataDir, 'dedupe'))
        expect(files.length).toBeGreaterThan(0)
        for (const file of files) {
          const bytes = await readFile(file)
          if (damage === 'cut') await truncate(file, Math.floor(bytes.length / 2))
          else
            await writeFile(
              file,
              // Behind the heads of manifest and journal, where there is more.
              bytes.map((b, i) => (i >= 64 ? random.integer(0, 255) : b)),
            )
        }
        await product.start('core')
        await send(scenario, damage)
        await expectExactlyOnce(scenario)
      }
    })
  })
})

describe('the log', () => {
  it('with a torn tail after kill -9 is read as if nothing had happened', { timeout: TIMEOUT_MS }, async () => {
    await withProduct('torn-tail', async (scenario) => {
      const { product } = scenario
      await product.start('edge')
      const traffic = startClients(scenario)
      await someTraffic({ ...scenario, traffic })
      await killPart(product, 'edge')
      // Half a page of a write that never finished.
      await appendFile(logFile(scenario), Buffer.alloc(2_345, 0xa5))
      await startBoth(product)
      await traffic.finish()
      const verdict = await expectExactlyOnce(scenario)
      say(figures(scenario, verdict))
    })
  })

  it('cut in half is refused by edge and core with the name of the file, and counts right when it is restored', {
    timeout: TIMEOUT_MS,
  }, async () => {
    await withProduct('log-cut', async (scenario) => {
      const { product } = scenario
      await product.start('edge')
      await send(scenario, 'before')
      await product.stop('edge')
      const whole = await readFile(logFile(scenario))
      await truncate(logFile(scenario), Math.floor((await stat(logFile(scenario))).size / 2))
      for (const name of ['edge', 'core'] as const) {
        const part = await product.launch(name)
        const exit = await part.exited
        expect([name, exit.signal]).toEqual([name, null])
        expect([name, exit.code]).not.toEqual([name, 0])
        expect(part.output()).toContain('data.mdb')
      }
      await writeFile(logFile(scenario), whole)
      await startBoth(product)
      const verdict = await expectExactlyOnce(scenario)
      say(figures(scenario, verdict))
    })
  })

  it('with flipped bytes in one record puts that record into quarantine and stores every other one', {
    timeout: TIMEOUT_MS,
  }, async () => {
    await withProduct('log-flipped', async (scenario) => {
      const { product, ledger } = scenario
      await product.start('edge')
      await send(scenario, 'before')
      await product.stop('edge')
      const victim = ledger.acknowledgedAt(Math.floor(ledger.acknowledgedEvents() / 2)).event_id
      expect(await flip(logFile(scenario), victim)).toBeGreaterThan(0)
      await startBoth(product)
      await waitFor('everything to be loaded or set aside', async () => {
        const { inFlight, stored } = await getReconciliation(product.apiUrl, LOCAL_ORG_ID)
        return inFlight === 0 && stored > 0
      })
      const corrupt = await querySql(product.sqlUrl, "SELECT count() FROM quarantine WHERE reason = 'corrupt_record'")
      expect(Number(corrupt[0]?.[0])).toBeGreaterThan(0)
      const result = compareRaw(ledger.entries, await readRaw(product.sqlUrl))
      // Where the damaged record held the first copy, another content under the same id may come to be the first.
      const unexpected = result.changed.filter((line) => ledger.entries.get(line.split(':')[0] ?? '')?.conflicts === 0)
      expect({ ...result, changed: unexpected }).toMatchObject({ doubled: [], foreign: [], changed: [] })
      // A record holds at most what one flush took together.
      say(`${result.lost.length} of ${ledger.acknowledgedEvents()} events were in the damaged record`)
      expect(result.lost.length).toBeLessThan(ledger.acknowledgedEvents() / 2)
      const listed = await getJson(product.apiUrl, '/v1/quarantine', quarantineAnswer, { org_id: LOCAL_ORG_ID })
      say(`/v1/quarantine lists ${listed.items.length} items: ${listed.items.map((i) => i.reason).join(', ')}`)
    })
  })
})

/** Inverts a byte of every occurrence of the text; how many there were. */
async function flip(file: string, text: string): Promise<number> {
  const bytes = await readFile(file)
  let found = 0
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    bytes.writeUInt8(bytes.readUInt8(at + 2) ^ 0x01, at + 2)
    found++
  }
  await writeFile(file, bytes)
  return found
}
