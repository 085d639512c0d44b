/** Works that a transaction keeps for its end, in the order of their names; those of one name in the order they came. */
import type { Queries } from './database.ts'

type Work = (queries: Queries) => Promise<void>

export class LastWorks {
  readonly #works: { readonly name: string; readonly work: Work }[] = []

  readonly lastly = async (name: string, work: Work): Promise<void> => {
    this.#works.push({ name, work })
  }

  async run(queries: Queries): Promise<void> {
    const ordered = this.#works.splice(0).sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
    for (const { work } of ordered) await work(queries)
  }
}
