/** Looks for texts of other organisations in an answer, in every disguise that an answer may put them into. */

export interface SeenAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface LeakSearch {
  /** Texts that nobody but their owner may be told. */
  readonly secrets: readonly string[]
  /** What the asker said and may hear again. */
  readonly said: readonly string[]
}

const BASE64_RUN = /[A-Za-z0-9+/_-]{12,}={0,2}/g

/** The secrets that the answer holds; empty: none. */
export function findLeaks(answer: SeenAnswer, { secrets, said }: LeakSearch): readonly string[] {
  const plain = `${JSON.stringify(answer.headers)}\n${answer.body.toString('utf8')}\n${answer.body.toString('latin1')}`
  const rest = without([...formsOf(plain), decodedRuns(plain)].join('\n'), said).toLowerCase()
  const spelled = (secret: string) => [secret.toLowerCase(), reversed(secret.toLowerCase())]
  return secrets.filter((secret) => spelled(secret).some((text) => rest.includes(text)))
}

/** The text with what was said taken out, in the forms in which an answer repeats it. */
export function without(text: string, said: readonly string[], instead = ''): string {
  const longestFirst = said.flatMap(spellings).sort((a, b) => b.length - a.length)
  if (longestFirst.length === 0) return text
  const any = longestFirst.map((value) => value.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')
  return text.replaceAll(new RegExp(any, 'gi'), () => instead)
}

function spellings(value: string): readonly string[] {
  return [...new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)])].filter((v) => v !== '')
}

const reversed = (text: string): string => [...text].reverse().join('')

function formsOf(text: string): readonly string[] {
  const unescaped = text.replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  const unpercented = text.replaceAll(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return [text, unescaped, unpercented]
}

function decodedRuns(text: string): string {
  return (text.match(BASE64_RUN) ?? []).map((run) => Buffer.from(run, 'base64').toString('latin1')).join('\n')
}
