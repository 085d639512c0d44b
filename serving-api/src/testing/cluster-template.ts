/** Before a run of tests: one new PGlite cluster, which each test that wants one gets a copy of. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCluster } from '../database/create-cluster.ts'

export default async function setup(): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'ecomind-cluster-'))
  const template = join(dir, 'cluster')
  await createCluster(template)
  process.env['ECOMIND_CLUSTER_TEMPLATE'] = template
  return async () => {
    delete process.env['ECOMIND_CLUSTER_TEMPLATE']
    await rm(dir, { recursive: true, force: true })
  }
}
