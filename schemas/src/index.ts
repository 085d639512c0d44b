/** The contracts that every stage shares; imports nothing of ours and runs in a browser. The Avro codec is `@ecomind/schemas/avro`. */
export * from './api/answers.ts'
export * from './api/numbers.ts'
export * from './content-fields.ts'
export * from './error-codes.ts'
export * from './ids.ts'
export * from './rfc3339.ts'
export * from './topics.ts'
export * from './usage-event.ts'
