/** A Kafka of a test's own that wants a sign-in, provisioned by ops/provision/kafka.sh: what settings reach it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { provision } from './kafka-cluster.ts'

type Env = Readonly<Record<string, string>>

export interface SecuredKafka {
  /** Settings for the listener without TLS; a mechanism is the test's to add. */
  readonly sasl: Env
  /** Settings for the listener with TLS. */
  readonly tls: Env
  /** Settings of a certificate of ours. */
  readonly certificate: Env
  /** Path of a file with another password. */
  readonly wrongPasswordFile: string
  remove(): Promise<void>
}

export async function startSecuredKafka(): Promise<SecuredKafka> {
  const dir = await mkdtemp(join(tmpdir(), 'ecomind-kafka-secured-'))
  const remove = async () => {
    await provision('kafka.sh', 'stop', '--dir', dir)
    await rm(dir, { recursive: true, force: true })
  }
  await provision('kafka.sh', 'start', '--secured', 'yes', '--dir', dir).catch(async (error: unknown) => {
    await remove()
    throw error
  })
  const portOf = async (listener: string) => (await readFile(join(dir, `node-1/${listener}-port`), 'utf8')).trim()
  const user = { KAFKA_SASL_USERNAME: 'ecomind', KAFKA_SASL_PASSWORD_FILE: join(dir, 'password') }
  const wrongPasswordFile = join(dir, 'wrong-password')
  await writeFile(wrongPasswordFile, 'not-the-password\n')
  const ca = { KAFKA_TLS: 'true', KAFKA_CA_FILE: join(dir, 'tls/ca.pem') }
  return {
    sasl: { ...user, KAFKA_BROKERS: `127.0.0.1:${await portOf('sasl')}` },
    tls: { ...user, ...ca, KAFKA_BROKERS: `127.0.0.1:${await portOf('tls')}` },
    certificate: { KAFKA_CERT_FILE: join(dir, 'tls/client.pem'), KAFKA_KEY_FILE: join(dir, 'tls/client.key') },
    wrongPasswordFile,
    remove,
  }
}
