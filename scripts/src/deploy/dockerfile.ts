/** As much of a Dockerfile as the tests look at: instructions in order, each with the stage it stands in. */

export interface Instruction {
  /** In capitals. */
  readonly name: string
  /** Behind the name, continued lines joined, without heredocs. */
  readonly rest: string
  /** Index of its FROM; -1 before the first. */
  readonly stage: number
}

export function parseDockerfile(text: string): readonly Instruction[] {
  const lines = text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  let stage = -1
  return lines.map((line) => {
    const [name = '', ...words] = line.split(/\s+/)
    if (name.toUpperCase() === 'FROM') stage += 1
    return { name: name.toUpperCase(), rest: words.join(' '), stage }
  })
}

export interface Copy {
  /** Name of another stage; null: the build context. */
  readonly from: string | null
  readonly sources: readonly string[]
}

export function copiesOf(instructions: readonly Instruction[]): readonly Copy[] {
  return instructions
    .filter(({ name }) => name === 'COPY')
    .map(({ rest }) => {
      const words = rest.split(' ')
      const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length) ?? null
      return { from, sources: words.filter((word) => !word.startsWith('--')).slice(0, -1) }
    })
}
