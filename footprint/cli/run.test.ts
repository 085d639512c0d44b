import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { activityOfCall, combineRanges, compileCoefficients, computeFootprint } from '@ecomind/footprint'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { afterAll, describe, expect, it } from 'vitest'
import { run } from './run.ts'

const set = loadDefaultFactorSet()
const folder = mkdtempSync(join(tmpdir(), 'ecomind-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function command(args: readonly string[], stdin = ''): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const said = Promise.all([text(stdout), text(stderr)])
  const code = await run(args, () => set, { stdin: Readable.from([Buffer.from(stdin)]), stdout, stderr })
  stdout.end()
  stderr.end()
  const [out, err] = await said
  return { code, out, err }
}

function footprintOf(provider: string, model: string, tokensIn: number, tokensOut: number, region: string | null) {
  const { factor } = set.resolveFactor(provider, model)
  const { grid } = set.resolveGrid(region, provider)
  const activity = activityOfCall({ tokens_in: tokensIn, tokens_out: tokensOut })
  return { factor, footprint: computeFootprint(compileCoefficients(factor, grid), activity) }
}

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const CALL = ['--provider', 'openai', '--model', 'gpt-4o', '--in', '100', '--out', '50', '--region', 'US-CAISO']

describe('one call', () => {
  it('prints energy, water and carbon with their ranges, and where they come from', async () => {
    const { code, out } = await command(CALL)
    expect(code).toBe(0)
    expect(out).toMatch(/energy {2}[\d.]+ mWh \([\d.]+ to [\d.]+\)/)
    expect(out).toMatch(/carbon {2}[\d.]+ mg CO2e \([\d.]+ to [\d.]+\)/)
    expect(out).toContain('openai/gpt-4o (exact match')
    expect(out).toContain(set.id)
    expect(out).not.toContain('Sources')
  })

  it('explains every step down to its sources', async () => {
    const { out } = await command([...CALL, '--explain'])
    expect(out).toContain('fresh_input_tokens = max(')
    expect(out).toMatch(/g_per_kwh = .* g CO2e\/kWh {2}\[electricity-maps/)
    const cited = [...out.matchAll(/ {2}\[([^\]]+)\]$/gm)].flatMap(([, ids]) => (ids ?? '').split(', '))
    const listed = [...out.matchAll(/^ {2}\[([^\]]+)\] /gm)].map(([, id]) => id)
    expect(cited.length).toBeGreaterThan(10)
    expect(new Set(listed)).toEqual(new Set(cited))
  })

  it('gives the same numbers as the library, as JSON', async () => {
    const { out } = await command([...CALL, '--json'])
    const answer = JSON.parse(out) as { kwh: unknown; co2_kg: unknown }
    const { footprint } = footprintOf('openai', 'gpt-4o', 100, 50, 'US-CAISO')
    expect(answer.kwh).toEqual(footprint.kwh)
    expect(answer.co2_kg).toEqual(footprint.co2Kg)
  })

  it.each([
    [['--provider', 'openai', '--in', '1', '--out', '1'], '--model: is required'],
    [['--provider', 'openai', '--model', 'x', '--in', '-1', '--out', '1'], "'--in"],
    [['--provider', 'openai', '--model', 'x', '--in', '1.5', '--out', '1'], '--in: must be a whole number'],
    [['--provider', 'openai', '--model', 'x', '--in', '99999999', '--out', '1'], '--in: '],
    [['--provider', 'openai', '--model', 'x', '--in', '1', '--out', '1', '--cache-read', '2'], '--cache-read: cached'],
    [[...CALL, '--tier', 'night'], '--tier: '],
    [[...CALL, '--format', 'csv'], '--format is for files'],
    [[...CALL, '--wrong'], "'--wrong'"],
  ])('refuses %j and names the option', async (args, words) => {
    const { code, out, err } = await command(args)
    expect(code).toBe(2)
    expect(err).toContain(words)
    expect(out).toBe('')
  })

  it('prints its usage when asked nothing', async () => {
    expect((await command([])).out).toContain('Usage: ecomind-footprint')
  })
})

const ROWS = `provider,model,tokens_in,tokens_out,region,note
openai,gpt-4o,100,50,US-CAISO,"a, b"
openai,gpt-4o,200,70,DE,
anthropic,claude-sonnet-4-5,2000,800,,x
`

describe('a file of calls', () => {
  it('adds up by model, with ranges combined as everywhere', async () => {
    const { code, out } = await command([file('sum.csv', ROWS), '--format', 'json'])
    expect(code).toBe(0)
    const calls = [
      footprintOf('openai', 'gpt-4o', 100, 50, 'US-CAISO'),
      footprintOf('openai', 'gpt-4o', 200, 70, 'DE'),
      footprintOf('anthropic', 'claude-sonnet-4-5', 2000, 800, null),
    ]
    const wanted = combineRanges(
      calls.map(({ factor, footprint }) => ({ class: factor.class, factor: factor.model, range: footprint.kwh })),
    )
    const { totals, items, refused } = JSON.parse(out)
    expect(totals.kwh.central).toBeCloseTo(wanted.central, 12)
    expect(totals.kwh.low).toBeCloseTo(wanted.low, 12)
    expect(totals.kwh.high).toBeCloseTo(wanted.high, 12)
    expect(refused).toBe(0)
    expect(items.map((i: { calls: number }) => i.calls).sort()).toEqual([1, 2])
  })

  it('gives every line back with its numbers and its own columns', async () => {
    const { out } = await command([file('lines.csv', ROWS), '--format', 'jsonl'])
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatchObject({ note: 'a, b', tokens_in: '100', factor_id: 'openai/gpt-4o', grid_id: 'US-CAISO' })
    expect(lines[1].kwh_high).toBe(footprintOf('openai', 'gpt-4o', 200, 70, 'DE').footprint.kwh.high)
  })

  it('reads JSON lines from standard input, usage events included', async () => {
    const event = { org_id: 'o', user_id: 'u', ts: '2026-01-01T00:00:00Z', provider: 'openai', model: 'gpt-4o' }
    const line = JSON.stringify({ ...event, tokens_in: 5, tokens_out: 6, tags: { a: 'b' } })
    const { code, out } = await command(['-', '--input', 'jsonl', '--format', 'jsonl'], `${line}\n\n${line}\n`)
    expect(code).toBe(0)
    expect(out.trim().split('\n')).toHaveLength(2)
    expect(JSON.parse(out.split('\n')[0] ?? '')).toMatchObject({ user_id: 'u', factor_match: 'exact' })
  })

  it('tells refused lines by number and rule, counts the others, and says so in its exit code', async () => {
    const bad = `${ROWS}openai,gpt-4o,1e3,1,,\n,gpt-4o,1,1,,\n`
    const { code, out, err } = await command([file('bad.csv', bad)])
    expect(code).toBe(2)
    expect(err).toContain('line 5: tokens_in: must be a whole number')
    expect(err).toContain('line 6: provider: is required')
    expect(err).toContain('2 of 5 lines were refused')
    expect(out).toContain('3 calls')
  })

  it.each([
    ['provider;model;tokens_in;tokens_out\nopenai;gpt-4o;1;1\n', 'no column provider, model, tokens_in, tokens_out'],
    ['provider,model,tokens_in\nopenai,gpt-4o,1\n', 'no column tokens_out'],
    ['provider,model,tokens_in,tokens_out,model\nopenai,a,1,1,b\n', 'the column "model" twice'],
  ])('refuses a first line that names no calls, or a column twice: %j', async (content, message) => {
    const { code, out, err } = await command([file('head.csv', content)])
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toContain(message)
  })

  it('writes a file whole or not at all', async () => {
    const target = join(folder, 'whole.csv')
    await command([file('in.csv', ROWS), '--format', 'csv', '--output', target])
    expect(readFileSync(target, 'utf8').split('\n')[0]).toBe(
      'provider,model,tokens_in,tokens_out,region,note,kwh,kwh_low,kwh_high,water_l,water_l_low,water_l_high,co2_kg,co2_kg_low,co2_kg_high,factor_set,factor_id,factor_match,grid_id,grid_match',
    )
    const broken = file('broken.csv', `${ROWS}openai,"gpt-4o,1,1\n`)
    const { code, err } = await command([broken, '--format', 'csv', '--output', join(folder, 'none.csv')])
    expect(code).toBe(2)
    expect(err).toContain("the CSV can't be read on")
    expect(readdirSync(folder).filter((name) => name.startsWith('none') || name.includes('unfinished'))).toEqual([])
  })

  it('keeps a spreadsheet from running a cell', async () => {
    const rows = 'provider,model,tokens_in,tokens_out,note\nopenai,gpt-4o,1,1,=cmd()\n'
    const { out } = await command([file('formula.csv', rows), '--format', 'csv'])
    expect(out).toContain(",'=cmd(),")
  })

  it.each([
    [['missing.csv'], 'missing.csv'],
    [['calls.txt'], 'add --input'],
    [['a.csv', 'b.csv'], 'one file at a time'],
    [['a.csv', '--group-by', 'colour'], '--group-by'],
  ])('refuses %j', async (args, words) => {
    const { code, err } = await command(args)
    expect(code).toBe(2)
    expect(err).toContain(words)
  })
})
