import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { expect, inject, test } from 'vitest'

const ENTRY = fileURLToPath(new URL('./main.ts', import.meta.url))

function topics(env: Readonly<Record<string, string>>): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const all = { ...process.env, KAFKA_BROKERS: inject('kafkaBrokers').join(), ...env }
    execFile(process.execPath, ['--import', 'tsx', ENTRY], { env: all }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr })
    })
  })
}

test('npm run topics creates the topic once, finds it again, and refuses another number of partitions', async () => {
  const stated = { KAFKA_TOPIC: `topics-${randomUUID()}`, ECOMIND_LOG_PARTITIONS: '3', KAFKA_REPLICATION_FACTOR: '1' }
  const env = { ...stated, KAFKA_MIN_INSYNC_REPLICAS: '1' }
  const first = await topics(env)
  expect(first).toMatchObject({ code: 0 })
  expect(first.output).toContain(`${env.KAFKA_TOPIC} created: 3 partitions, 1 copies`)
  expect(first.output).toContain('retention.ms=604800000')
  expect(await topics(env)).toMatchObject({ code: 0, output: expect.stringContaining('is there: 3 partitions') })
  const other = await topics({ ...env, ECOMIND_LOG_PARTITIONS: '4' })
  expect(other).toMatchObject({ code: 1, output: expect.stringContaining('it has 3, 4 are stated') })
})

test('npm run topics says what it lacks: brokers for the copies, settings that fit', async () => {
  const topic = { KAFKA_TOPIC: `topics-${randomUUID()}` }
  const copies = await topics({ ...topic, KAFKA_REPLICATION_FACTOR: '9' })
  expect(copies).toMatchObject({ code: 1, output: expect.stringContaining('wants as many brokers') })
  const insync = await topics({ ...topic, KAFKA_REPLICATION_FACTOR: '1', KAFKA_MIN_INSYNC_REPLICAS: '2' })
  expect(insync).toMatchObject({ code: 1, output: expect.stringContaining('KAFKA_MIN_INSYNC_REPLICAS: at most') })
})
