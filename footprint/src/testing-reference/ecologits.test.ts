import { describe, expect, test } from 'vitest'
import { loadDefaultFactorSet } from '../node.ts'
import { BATCH_SIZE, type Ends, ecologitsImpact, gpuCount, gpuWhPerToken } from './ecologits.ts'
import { OUTPUT_TOKENS, REFERENCE_CASES } from './ecologits-cases.ts'
import { ecologitsTable, oursOf } from './ecologits-table.ts'

const digitsBehindPoint = (printed: string): number => printed.split('.')[1]?.length ?? 0
const asPrinted = (ends: Ends, printed: readonly string[]): string[] =>
  printed.map((text, i) => (i === 0 ? ends.min : ends.max).toFixed(digitsBehindPoint(text)))

describe('the reference implementation gives the worked examples of EcoLogits to the printed digits:', () => {
  test.each(REFERENCE_CASES.map((c) => [c.name, c] as const))('%s', (_name, { assumed, site, printed }) => {
    const impact = ecologitsImpact(assumed, site, OUTPUT_TOKENS)
    expect(impact.gpus).toBe(printed.gpus)
    for (const quantity of ['itWh', 'facilityWh', 'useG', 'waterMl'] as const)
      expect([quantity, asPrinted(impact[quantity], printed[quantity])]).toEqual([quantity, printed[quantity]])
    expect(impact.embodiedG.toFixed(digitsBehindPoint(printed.embodiedG))).toBe(printed.embodiedG)
  })

  test("its GPU part of Mistral Small is the 0.022 Wh of the project's own check", () => {
    expect((OUTPUT_TOKENS * gpuWhPerToken(23.6)).toFixed(3)).toBe('0.022')
  })
})

describe('why our numbers differ:', () => {
  const set = loadDefaultFactorSet()

  test('they overlap: nearly every EcoLogits energy is between our low and high, and none is a factor 2 outside', () => {
    const inside = REFERENCE_CASES.filter((c) => {
      const { facilityWh } = ecologitsImpact(c.assumed, c.site, OUTPUT_TOKENS)
      const { kwh } = oursOf(set, c)
      expect([c.name, facilityWh.max > kwh.low * 500 && facilityWh.min < kwh.high * 2000]).toEqual([c.name, true])
      return facilityWh.max > kwh.low * 1000 && facilityWh.min < kwh.high * 1000
    })
    expect(inside.length).toBeGreaterThanOrEqual(REFERENCE_CASES.length - 1)
  })

  // ML.ENERGY v3 (2025), GPUs only, batch of about 64: ours rest on these measurements, EcoLogits on a curve.
  test.each([
    ['Qwen3 8B', 8, 8, '0.162', 0.119],
    ['Qwen3 32B', 32, 32, '0.212', 0.367],
    ['Llama 3.1 70B', 70, 70, '1.16', 0.8],
    ['Llama 4 Scout', 109, 17, '0.72', 1.06],
    ['Llama 4 Maverick', 400, 17, '2.89', 0.94],
    ['Llama 3.1 405B', 405, 405, '15.6', 3.08],
    ['gpt-oss-120b', 117, 5.1, '0.63', 0.27],
  ])(
    '%s: the curve of EcoLogits steps with the number of GPUs, the measurement does not',
    (_name, total, active, curveJ, measuredJ) => {
      const joules = gpuCount(total) * gpuWhPerToken(active) * 3600
      expect(joules.toFixed(digitsBehindPoint(curveJ))).toBe(curveJ)
      expect(joules / measuredJ).toBeGreaterThan(0.5)
      expect(joules / measuredJ).toBeLessThan(5.2)
    },
  )

  test('CO2e of use differs by the energy and by the grid figure, and by nothing else', () => {
    for (const c of REFERENCE_CASES) {
      const theirs = ecologitsImpact(c.assumed, c.site, OUTPUT_TOKENS)
      const ours = oursOf(set, c)
      const { grid } = set.resolveGrid(c.region, c.provider)
      const energyRatio = (ours.kwh.central * 1000) / theirs.facilityWh.min
      const gridRatio = grid.g_per_kwh.central / c.site.gPerKwh
      expect((ours.co2UseKg.central * 1000) / theirs.useG.min).toBeCloseTo(energyRatio * gridRatio, 9)
    }
  })

  test('EcoLogits does not look at the input: 10,000 tokens in change nothing there and a lot here', () => {
    for (const c of REFERENCE_CASES) {
      const [without, withInput] = [oursOf(set, c), oursOf(set, c, 10_000)]
      expect(withInput.kwh.central).toBeGreaterThan(1.5 * without.kwh.central)
    }
  })

  test('EcoLogits counts 16 bits a parameter and rounds GPUs up to a power of two: in 8 bits, half of them', () => {
    expect(gpuCount(440)).toBe(16)
    expect(gpuCount(440, 8)).toBe(8)
    // 67 GB of weights more make it four instead of two.
    expect([gpuCount(66), gpuCount(67)]).toEqual([2, 4])
  })

  test('EcoLogits fixes the batch at 64: its curve moves by half between 1 and 64, measured serving by 3 to 30 times', () => {
    const ratio = gpuWhPerToken(132, 1) / gpuWhPerToken(132, BATCH_SIZE)
    expect(ratio).toBeGreaterThan(1.5)
    expect(ratio).toBeLessThan(2)
  })

  test('its hardware is 28 to 67 g per kWh of IT energy, ours 8 to 70 g', () => {
    for (const c of REFERENCE_CASES) {
      const theirs = ecologitsImpact(c.assumed, c.site, OUTPUT_TOKENS)
      const perKwh = (1000 * theirs.embodiedG) / ((theirs.itWh.min + theirs.itWh.max) / 2)
      const { embodied_g_per_kwh_it: ours } = set.resolveFactor(c.provider, c.model).factor
      expect(perKwh).toBeGreaterThan(27)
      expect(perKwh).toBeLessThan(68)
      expect(perKwh).toBeGreaterThan(ours.low)
      expect(perKwh).toBeLessThan(ours.high)
    }
  })
})

describe('the table for the documentation', () => {
  test('has a row for every example, with both methods', () => {
    const lines = ecologitsTable(loadDefaultFactorSet()).split('\n')
    expect(lines).toHaveLength(2 + REFERENCE_CASES.length)
    for (const line of lines) expect(line.split('|')).toHaveLength(9)
    expect(lines[3]).toMatch(/^\| gpt-4o, world mix \| 0\.64 - 1 \| /)
  })
})
