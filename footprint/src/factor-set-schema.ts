/** The published JSON Schema of a factor file: made from the zod definition, so that editors and other languages agree. */
import { z } from 'zod'
import { factorFile } from './definition.ts'

const QUANTITY = '#/$defs/quantity'
const SOURCES = { type: 'array', minItems: 1, items: { type: 'string' } } as const
const NUMBER = { type: 'number', minimum: 0 } as const

/** zod shows one form of a quantity, the files may hold two. */
const quantityDefinition = {
  description:
    'A number with its 5th, 50th and 95th percentile and its sources; `value` is short for a number that is exact. low <= central <= high.',
  anyOf: [
    {
      type: 'object',
      properties: { low: NUMBER, central: NUMBER, high: NUMBER, sources: SOURCES },
      required: ['low', 'central', 'high', 'sources'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { value: NUMBER, sources: SOURCES },
      required: ['value', 'sources'],
      additionalProperties: false,
    },
  ],
} as const

/** Draft 2020-12. Rules across fields and records (order, references, licences) are the parser's: it tells them all. */
export function factorSetSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(factorFile, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // The only schemas with two forms are quantities.
      if (zodSchema._zod.def.type !== 'pipe') return
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
      jsonSchema.$ref = QUANTITY
    },
  })
  const { $schema, ...rest } = schema
  return {
    $schema,
    title: 'Ecomind factor file',
    description:
      'One YAML file of a factor set: any subset of its sections, one licence. Field names end in their unit (wh, g, l, kwh). A set is the sum of its files.',
    ...rest,
    $defs: { quantity: quantityDefinition },
  }
}

export const factorSetSchemaText = (): string => `${JSON.stringify(factorSetSchema(), null, 2)}\n`
