/**
 * EcoLogits' computation of one request, written anew from its method text to compare ours with. For tests and the
 * documentation only: nothing of the product computes with it.
 *
 * Source of formulas and constants: EcoLogits 0.11, methodology "LLM inference" and ecologits/impacts/llm.py (mlco2,
 * 2026; formulas and constants are facts, the text is CC BY-SA 4.0, the code MPL-2.0 and not used here).
 */

/** Between the two ends of what EcoLogits assumes; there is no central value. */
export interface Ends {
  readonly min: number
  readonly max: number
}

export interface ReferenceModel {
  /** Billions of parameters in memory. */
  readonly paramsTotalB: Ends
  /** Billions of parameters used for one token. */
  readonly paramsActiveB: Ends
  readonly tokensPerSecond: number
  readonly firstTokenS: number
}

export interface ReferenceSite {
  readonly pue: Ends
  readonly wueOnsiteLPerKwh: Ends
  readonly gPerKwh: number
  readonly wueOffsiteLPerKwh: number
}

export interface ReferenceImpact {
  readonly gpus: number
  readonly itWh: Ends
  readonly facilityWh: Ends
  readonly useG: Ends
  readonly embodiedG: number
  readonly waterMl: Ends
}

const ALPHA = 1.1665273170451914e-6
const BETA = -0.011205921025579175
const GAMMA = 4.052928146734005e-5
export const BATCH_SIZE = 64
const BITS_PER_PARAMETER = 16
const MEMORY_OVERHEAD = 1.2
const GPU_MEMORY_GB = 80
const SERVER_GPUS = 8
const SERVER_POWER_W = 1200
const SERVER_EMBODIED_KG = 5700
const GPU_EMBODIED_KG = 273
const LIFETIME_S = 3 * 365 * 24 * 60 * 60

/** Of one GPU, Wh per output token. */
export const gpuWhPerToken = (paramsActiveB: number, batchSize = BATCH_SIZE): number =>
  ALPHA * Math.exp(BETA * batchSize) * paramsActiveB + GAMMA

/** Rounded up to a power of two. */
export function gpuCount(paramsTotalB: number, bitsPerParameter = BITS_PER_PARAMETER): number {
  const needed = Math.ceil((MEMORY_OVERHEAD * paramsTotalB * bitsPerParameter) / 8 / GPU_MEMORY_GB)
  return 2 ** Math.ceil(Math.log2(needed))
}

const bothEnds = (f: (end: 'min' | 'max') => number): Ends => ({ min: f('min'), max: f('max') })

/** `outputTokens` is all that EcoLogits looks at: input and cached tokens are not part of its method. */
export function ecologitsImpact(model: ReferenceModel, site: ReferenceSite, outputTokens: number): ReferenceImpact {
  const gpus = gpuCount(model.paramsTotalB.max)
  const latencyS = model.firstTokenS + outputTokens / model.tokensPerSecond
  const serverWh = ((latencyS / 3600) * SERVER_POWER_W * gpus) / SERVER_GPUS / BATCH_SIZE
  const itWh = bothEnds((end) => serverWh + gpus * outputTokens * gpuWhPerToken(model.paramsActiveB[end]))
  const facilityWh = bothEnds((end) => site.pue[end] * itWh[end])
  const hardwareKg = (gpus / SERVER_GPUS) * SERVER_EMBODIED_KG + gpus * GPU_EMBODIED_KG
  return {
    gpus,
    itWh,
    facilityWh,
    useG: bothEnds((end) => (facilityWh[end] * site.gPerKwh) / 1000),
    embodiedG: (1000 * latencyS * hardwareKg) / (BATCH_SIZE * LIFETIME_S),
    waterMl: bothEnds((end) => itWh[end] * (site.wueOnsiteLPerKwh[end] + site.pue[end] * site.wueOffsiteLPerKwh)),
  }
}
