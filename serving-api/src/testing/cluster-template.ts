/** Before a run of tests: one new PGlite cluster, which each test that wants one gets a copy of. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCluster } from '../database/create-cluster.ts'

const NAME = 'ECOMIND_CLUSTER_TEMPLATE'
let dir: string | null = null

export async function setup(): Promise<void> {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-cluster-'))
  const template = join(dir, 'cluster')
  await createCluster(template)
  process.env[NAME] = template
}

export async function teardown(): Promise<void> {
  delete process.env[NAME]
  if (dir !== null) await rm(dir, { recursive: true, force: true })
}
