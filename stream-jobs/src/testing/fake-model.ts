/** A factor set of three lines: the loader's rules don't depend on the numbers, only on their being reproducible. */
import type { FootprintModel, FootprintModels } from '../footprint-model.ts'

export function fakeModel(id: string, perToken: number): FootprintModel {
  return {
    id,
    methodVersion: '1',
    resolve: (provider, model, region) => ({
      factorId: `${provider}/${model}`,
      factorMatch: model === 'mystery' ? 'unknown' : 'exact',
      gridId: region ?? 'US',
      gridMatch: region === null ? 'inferred' : 'exact',
      region: region ?? 'US',
      regionInferred: region === null,
      compute: ({ tokensIn, tokensOut }) => {
        const units = perToken * (tokensIn + 3 * tokensOut)
        return {
          kwh: units,
          kwhLow: units - 1,
          kwhHigh: units + 1,
          waterL: 2 * units,
          waterLLow: 2 * units - 1,
          waterLHigh: 2 * units + 1,
          waterLOnsite: units,
          co2Kg: 3 * units,
          co2KgLow: 3 * units - 1,
          co2KgHigh: 3 * units + 1,
          co2KgUse: units,
        }
      },
    }),
  }
}

export function fakeModels(running: FootprintModel, ...earlier: readonly FootprintModel[]): FootprintModels {
  return { running, load: async (id) => [running, ...earlier].find((model) => model.id === id) ?? null }
}
