/** `npm run topics` with a schema registry beside a real Kafka. */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { startSmallRegistry } from '@ecomind/schemas/testing/small-registry'
import { expect, inject, onTestFinished, test } from 'vitest'

const ENTRY = fileURLToPath(new URL('./main.ts', import.meta.url))

function topics(env: Readonly<Record<string, string>>): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const all = { ...process.env, KAFKA_BROKERS: inject('kafkaBrokers').join(), ...env }
    execFile(process.execPath, ['--import', 'tsx', ENTRY], { env: all }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr })
    })
  })
}

test('npm run topics registers our schema beside the topic, once, and says why when it can not', async () => {
  const registry = await startSmallRegistry()
  onTestFinished(() => registry.stop())
  const topic = `topics-${randomUUID()}`
  const env = {
    KAFKA_TOPIC: topic,
    KAFKA_REPLICATION_FACTOR: '1',
    KAFKA_MIN_INSYNC_REPLICAS: '1',
    SCHEMA_REGISTRY_URL: registry.url.replace('://', '://ann:hidden-word@'),
  }
  for (let time = 1; time <= 2; time++) {
    const run = await topics(env)
    expect(run).toMatchObject({
      code: 0,
      output: expect.stringContaining(`subject ${topic}-value has our schema, its id is 1`),
    })
    expect(run.output).not.toContain('hidden-word')
  }
  expect(registry.schemas.size).toBe(1)
  registry.mood = 'refusing'
  expect(await topics(env)).toMatchObject({ code: 1, output: expect.stringContaining('it refuses our sign-in (401)') })
})
