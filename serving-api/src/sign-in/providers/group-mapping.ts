/** From the groups that an identity provider names to roles of ours. */
import type { Grant } from '../../access/principal.ts'

export interface GroupRule extends Grant {
  /** Exactly as the provider writes it. */
  readonly group: string
}

/** Each grant once; those of the default when no group gives one. */
export function grantsOfGroups(
  rules: readonly GroupRule[],
  groups: readonly string[],
  fallback: Grant | null,
): readonly Grant[] {
  const member = new Set(groups)
  const given = new Map(
    rules.filter((r) => member.has(r.group)).map(({ role, scope }) => [grantKey({ role, scope }), { role, scope }]),
  )
  if (given.size > 0) return [...given.values()]
  return fallback === null ? [] : [fallback]
}

export const grantKey = ({ role, scope }: Grant): string =>
  scope.kind === 'organisation' ? `${role}@organisation` : `${role}@${scope.kind}/${scope.id}`

/** What has to be given and taken so that exactly `wanted` is there. */
export function changeOfGrants(
  present: readonly Grant[],
  wanted: readonly Grant[],
): { readonly give: readonly Grant[]; readonly take: readonly Grant[] } {
  const [presentKeys, wantedKeys] = [new Set(present.map(grantKey)), new Set(wanted.map(grantKey))]
  return {
    give: wanted.filter((g) => !presentKeys.has(grantKey(g))),
    take: present.filter((g) => !wantedKeys.has(grantKey(g))),
  }
}
