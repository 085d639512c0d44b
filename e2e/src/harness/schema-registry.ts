/** A real schema registry of a test's own (Apicurio), provisioned without Docker: it can be killed and comes back empty. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { provision } from '@ecomind/event-log/testing/kafka-cluster'

export interface TestRegistry {
  readonly url: string
  /** The id of a schema, registered unless it is there. */
  register(subject: string, schema: string): Promise<number>
  /** Versions of a subject. */
  versions(subject: string): Promise<readonly number[]>
  level(subject: string): Promise<string>
  /** SIGKILL. */
  kill(): Promise<void>
  /** On the same port, with nothing in it. */
  startEmpty(): Promise<void>
  remove(): Promise<void>
}

export async function startRegistry(): Promise<TestRegistry> {
  const dir = await mkdtemp(join(tmpdir(), 'ecomind-registry-'))
  const url = await provision('registry.sh', 'start', '--dir', dir)
  const ask = async (path: string, body?: unknown) => {
    const answer = await fetch(`${url}${path}`, {
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`ask the registry ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as unknown
  }
  return {
    url,
    register: async (subject, schema) => {
      const { id } = (await ask(`/subjects/${subject}/versions`, { schema })) as { id: number }
      return id
    },
    versions: async (subject) => (await ask(`/subjects/${subject}/versions`)) as number[],
    level: async (subject) => ((await ask(`/config/${subject}`)) as { compatibilityLevel: string }).compatibilityLevel,
    kill: async () => {
      const pid = Number(await readFile(join(dir, 'pid'), 'utf8'))
      process.kill(pid, 'SIGKILL')
      await provision('registry.sh', 'stop', '--dir', dir)
    },
    startEmpty: async () => {
      await provision('registry.sh', 'start', '--dir', dir)
    },
    remove: async () => {
      await provision('registry.sh', 'stop', '--dir', dir)
      await rm(dir, { recursive: true, force: true })
    },
  }
}
