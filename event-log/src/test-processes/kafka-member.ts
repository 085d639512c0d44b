/**
 * A member of a group in a process of its own, for tests that stop it: `kafka-member.ts BROKERS TOPIC PARTITIONS`. It
 * prints a line for each thing that happens; a line `PARTITION OFFSET NOTE` on stdin is a commit, tried until it is
 * either kept or fenced.
 */
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { LogUnavailableError } from '../event-log.ts'
import { openKafkaLog } from '../kafka-log.ts'

const [, , brokers = '', topic = '', partitions = '1'] = process.argv
const say = (text: string) => process.stdout.write(`${text}\n`)
const connection = { brokers: brokers.split(','), tls: null, sasl: null }
const log = await openKafkaLog({ ...connection, topic, partitions: Number(partitions), sessionTimeoutMs: 6_000 })
const member = await log.join('g', {
  onAssigned: (assignment) => say(`has ${assignment.partitions.join()}`),
  onRevoked: async (gone) => {
    say(`loses ${gone.join()}`)
  },
})
for await (const line of createInterface({ input: process.stdin })) {
  const [partition, offset, note = ''] = line.split(' ')
  say(await commitUntilTold(Number(partition), Number(offset), note))
}
await log.close()

async function commitUntilTold(partition: number, offset: number, note: string): Promise<string> {
  for (;;) {
    try {
      await member.commit(partition, offset, note)
      return 'kept'
    } catch (error) {
      if (!(error instanceof LogUnavailableError)) return (error as Error).name
      say(`again: ${error.message}`)
      await pause(50)
    }
  }
}
