/** Energy of single models that stands in a file of its own (models_fitted.yaml, made by the fit), put into the models. */
import type { Model, ModelEnergy } from './definition.ts'

/** Faults: a model that does not exist, has energy in its own record too, or is given twice. */
export function withModelEnergies(
  models: readonly Model[],
  energies: readonly ModelEnergy[],
  faults: string[],
): Model[] {
  const byModel = new Map<string, ModelEnergy>()
  const known = new Map(models.map((m) => [m.id, m]))
  for (const given of energies) {
    const model = known.get(given.model)
    if (byModel.has(given.model)) faults.push(`model_energies ${given.model}: is given twice`)
    if (model === undefined) faults.push(`model_energies ${given.model}: no such model`)
    else if (model.energy !== undefined) faults.push(`model_energies ${given.model}: the model has energy of its own`)
    byModel.set(given.model, given)
  }
  return models.map((m): Model => {
    const given = byModel.get(m.id)
    if (given === undefined || m.energy !== undefined) return m
    const { energy, tier, evidence } = given
    return { ...m, energy, tier, ...(evidence === undefined ? {} : { evidence: { ...m.evidence, ...evidence } }) }
  })
}
