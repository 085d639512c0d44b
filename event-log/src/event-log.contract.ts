import { describeAnyOrder } from './any-order.contract.ts'
import { describeAppendAndRead } from './append-read.contract.ts'
import { contractTools, type LogAbilities, type LogPlace, type PlaceOptions } from './contract-tools.ts'
import { describeDamage } from './damage.contract.ts'
import { describeDurability } from './durability.contract.ts'
import { describeMembers } from './members.contract.ts'
import { describeTrimming } from './trimming.contract.ts'

/**
 * What every log promises (event-log.ts), as one suite. An adapter brings a factory; what a technology can't do it
 * leaves out, and the tests of that ability are not defined. Offsets are neither expected to begin at 0 nor to be
 * without gaps.
 */
export function describeEventLog(
  name: string,
  abilities: LogAbilities,
  createPlace: (options: PlaceOptions) => Promise<LogPlace>,
): void {
  const tools = contractTools(createPlace)
  describeAppendAndRead(name, tools)
  describeAnyOrder(name, abilities, tools)
  describeDurability(name, tools)
  describeMembers(name, abilities, tools)
  if (abilities.trims) describeTrimming(name, tools)
  if (abilities.damages) describeDamage(name, tools)
}
