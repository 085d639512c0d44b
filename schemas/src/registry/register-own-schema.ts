import { askRegistry } from './ask-registry.ts'
import type { RegistryTarget } from './registry-settings.ts'

const ANSWER_MS = 10_000

/** For a command: the id of our schema, registered unless it is there. @throws Error that says what to mend */
export async function registerOwnSchema(target: RegistryTarget): Promise<number> {
  const answer = await askRegistry(target, ANSWER_MS).ownId()
  if (answer.kind === 'id') return answer.id
  throw new Error(`register our schema at ${target.url}: ${answer.detail}`)
}
