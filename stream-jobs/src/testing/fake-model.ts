/** A factor set of three lines: the loader's rules don't depend on the numbers, only on their being reproducible. */
import type { FootprintModel, FootprintModels, OrgFactors } from '../footprint-model.ts'

export function fakeModel(id: string, perToken: number): FootprintModel {
  const coefficients = new Uint8Array(Float64Array.of(perToken).buffer)
  const factors: OrgFactors = {
    factorSet: id,
    changesMs: [],
    resolve: (provider, model, region) => ({
      factorId: `${provider}/${model}`,
      factorMatch: model === 'mystery' ? 'unknown' : 'exact',
      gridId: region ?? 'US',
      gridMatch: region === null ? 'inferred' : 'exact',
      region: region ?? 'US',
      regionInferred: region === null,
      coefficients,
      computeInto: ({ tokensIn, tokensOut }, out) => {
        const units = perToken * (tokensIn + 3 * tokensOut)
        out.set([units, units - 1, units + 1])
        out.set([2 * units, 2 * units - 1, 2 * units + 1, units], 3)
        out.set([3 * units, 3 * units - 1, 3 * units + 1, units], 7)
      },
    }),
  }
  return { id, methodVersion: '1', factorsOf: () => factors }
}

export function fakeModels(running: FootprintModel, ...earlier: readonly FootprintModel[]): FootprintModels {
  return { running, load: async (id) => [running, ...earlier].find((model) => model.id === id) ?? null }
}
