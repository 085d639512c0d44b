/** One order for one content: the checksum must not depend on the order of files or rows. */
import type { Definition } from './definition.ts'

const LAST_RANK = 1_000
const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1)

/** By id; classes from small to large, which is also the order in which a name is searched for their words. */
export const orderDefinition = (d: Definition): Definition => ({
  ...d,
  sources: [...d.sources].sort(byId),
  providers: [...d.providers].sort(byId),
  classes: [...d.classes].sort((a, b) => (a.rank ?? LAST_RANK) - (b.rank ?? LAST_RANK) || byId(a, b)),
  models: [...d.models].sort(byId),
  grids: [...d.grids].sort(byId),
  ...(d.files === undefined ? {} : { files: [...d.files].sort((a, b) => (a.name < b.name ? -1 : 1)) }),
})
