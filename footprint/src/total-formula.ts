/** The formula that adds up groups as `combineRanges` does: those of one model first, then the models, class by class. */

export interface TotalMember {
  /** Of the input that holds the sums of the group. */
  readonly name: string
  readonly class: string
  readonly model: string
}

/** A name of the grammar of formulas for each class; two classes never share one. */
function classNames(members: readonly TotalMember[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const member of members) {
    if (names.has(member.class)) continue
    const plain = `class_${member.class.toLowerCase().replace(/[^a-z0-9_]/g, '_')}`
    const name = taken.has(plain) ? `${plain}_${names.size}` : plain
    taken.add(name)
    names.set(member.class, name)
  }
  return names
}

/** `combine(class_large: g1_kwh + g3_kwh, class_small: g2_kwh)`; `0` for no members. */
export function totalFormula(members: readonly TotalMember[]): string {
  const names = classNames(members)
  const sums = new Map<string, string[]>()
  for (const { name, class: cls, model } of members) {
    const key = JSON.stringify([cls, model])
    const sum = sums.get(key)
    if (sum === undefined) sums.set(key, [`${names.get(cls) ?? 'class'}: ${name}`])
    else sum.push(name)
  }
  return sums.size === 0 ? '0' : `combine(${[...sums.values()].map((s) => s.join(' + ')).join(', ')})`
}
