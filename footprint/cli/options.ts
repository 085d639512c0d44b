/** What the command line asks for. */
import { parseArgs } from 'node:util'
import { CallError, type RawCall } from './call.ts'

export const FORMATS = ['table', 'json', 'csv', 'jsonl'] as const
export type Format = (typeof FORMATS)[number]
export const GROUPS = ['model', 'provider', 'region'] as const
export type Group = (typeof GROUPS)[number]

export type Options =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'call'; readonly call: RawCall; readonly explain: boolean; readonly json: boolean }
  | {
      readonly kind: 'file'
      /** `-` is standard input. */
      readonly file: string
      /** Told by the ending of the name, or by --input. */
      readonly input: 'csv' | 'jsonl'
      readonly format: Format
      readonly groupBy: readonly Group[]
      /** Null: standard output. */
      readonly output: string | null
    }

export const HELP = `Usage: ecomind-footprint --provider P --model M --in N --out N [options]
       ecomind-footprint FILE.csv|FILE.jsonl|- [options]

What AI calls cost in energy, water and CO2e, each as low, central and high, with sources.

One call
  --provider, --model         who served which model, e.g. openai, gpt-4o
  --in, --out                 tokens; --in includes cached ones, --out includes reasoning
  --cache-read, --cache-write input tokens read from or written to a cache
  --reasoning                 reasoning tokens; --reasoning-separate: they are not inside --out
  --region                    where it was served: us-east-1, US-CAISO, DE ...; default: the provider's usual region
  --tier                      batch, flex or priority
  --tokens-source             provider (default), tokenizer or estimate
  --explain                   every step with formula, inputs and sources
  --json                      as JSON

A file: one call a line, fields as in the usage event (provider, model, tokens_in, tokens_out, region, ...);
other columns are passed through.
  --input csv|jsonl           where the name doesn't tell; needed for - (standard input)
  --format table|json|csv|jsonl   table and json: totals by group; csv and jsonl: every line with its numbers
  --group-by model,provider,region   for totals; default model
  --output FILE               default: standard output

  --help, --version

Exit codes: 0 done, 1 it could not be done, 2 the command line or some lines of the file were refused.
`

/** Name of the option that states a field of the event. */
export function optionOf(field: string): string {
  if (field === 'reasoning_separate') return '--reasoning-separate'
  return `--${Object.entries(CALL_FLAGS).find(([, name]) => name === field)?.[0] ?? field}`
}

const CALL_FLAGS = {
  provider: 'provider',
  model: 'model',
  in: 'tokens_in',
  out: 'tokens_out',
  region: 'region',
  tier: 'service_tier',
  'cache-read': 'tokens_cache_read',
  'cache-write': 'tokens_cache_write',
  reasoning: 'tokens_reasoning',
  'tokens-source': 'tokens_source',
} as const

const text = { type: 'string' } as const
const yes = { type: 'boolean', default: false } as const
const OPTIONS = {
  provider: text,
  model: text,
  in: text,
  out: text,
  region: text,
  tier: text,
  'cache-read': text,
  'cache-write': text,
  reasoning: text,
  'reasoning-separate': yes,
  'tokens-source': text,
  explain: yes,
  json: yes,
  input: text,
  format: text,
  'group-by': text,
  output: text,
  help: { ...yes, short: 'h' },
  version: yes,
} as const

/** @throws CallError that says which option is wrong and what it may be */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parsed(args)
  if (values.help) return { kind: 'help' }
  if (values.version) return { kind: 'version' }
  if (positionals.length > 1) throw new CallError(`one file at a time, not ${positionals.length}`)
  const stated = Object.entries(CALL_FLAGS).flatMap(([flag, field]) => {
    const value = values[flag as keyof typeof CALL_FLAGS]
    return value === undefined ? [] : [[field, value] as const]
  })
  const [file] = positionals
  if (file === undefined) {
    if (stated.length === 0) return { kind: 'help' }
    for (const flag of ['input', 'format', 'group-by', 'output'] as const) {
      if (values[flag] !== undefined) throw new CallError(`--${flag} is for files; for one call there is --json`)
    }
    const call = {
      ...Object.fromEntries(stated),
      ...(values['reasoning-separate'] ? { reasoning_separate: true } : {}),
    }
    return { kind: 'call', call, explain: values.explain, json: values.json }
  }
  if (stated.length > 0 || values.explain) {
    throw new CallError('a file states its own calls: leave the options of one call out')
  }
  const format = values.json ? 'json' : oneOf('--format', values.format ?? 'table', FORMATS)
  const groupBy = (values['group-by'] ?? 'model').split(',').map((group) => oneOf('--group-by', group.trim(), GROUPS))
  return { kind: 'file', file, input: inputOf(file, values.input), format, groupBy, output: values.output ?? null }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true })
  } catch (cause) {
    throw new CallError(cause instanceof Error ? cause.message : String(cause))
  }
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((a) => a === value)
  if (found === undefined) throw new CallError(`${option} ${JSON.stringify(value)}: one of ${allowed.join(', ')}`)
  return found
}

function inputOf(file: string, stated: string | undefined): 'csv' | 'jsonl' {
  if (stated !== undefined) return oneOf('--input', stated, ['csv', 'jsonl'])
  if (/\.csv$/i.test(file)) return 'csv'
  if (/\.(?:jsonl|ndjson)$/i.test(file)) return 'jsonl'
  throw new CallError(
    `${file}: the name does not say whether it is CSV or JSON lines; add --input csv or --input jsonl`,
  )
}
