import solid from 'vite-plugin-solid'
import { defineConfig } from 'vitest/config'

// No test is about time; these are how long a slow and busy machine may take.
const POLL_MS = 60_000

export default defineConfig({
  test: {
    reporters: ['default', './scripts/src/ci/counts-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          expect: { poll: { timeout: POLL_MS } },
          sequence: { groupOrder: 0 },
          // Vitest leaves one core to itself, which is half of a small machine.
          maxWorkers: 2,
          environment: 'node',
          testTimeout: 180_000,
          include: [
            '{schemas,ingest-edge,event-log,stream-jobs,footprint,clickhouse,serving-api,scripts,e2e}/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', '**/*.{integration,e2e,browser,kafka,keycloak}.test.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          expect: { poll: { timeout: POLL_MS } },
          sequence: { groupOrder: 1 },
          globalSetup: ['serving-api/src/testing/cluster-template.ts'],
          environment: 'node',
          include: [
            '{schemas,ingest-edge,event-log,stream-jobs,footprint,clickhouse,serving-api,scripts,e2e}/**/*.integration.test.ts',
          ],
          exclude: ['**/node_modules/**'],
          pool: 'forks',
          // Each waits for disks and other processes half of its time.
          maxWorkers: 2,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'e2e',
          expect: { poll: { timeout: POLL_MS } },
          sequence: { groupOrder: 2 },
          globalSetup: ['serving-api/src/testing/cluster-template.ts'],
          environment: 'node',
          include: ['e2e/**/*.e2e.test.ts'],
          exclude: ['**/node_modules/**'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'browser',
          expect: { poll: { timeout: POLL_MS } },
          sequence: { groupOrder: 3 },
          globalSetup: ['serving-api/src/testing/cluster-template.ts'],
          environment: 'node',
          include: ['e2e/**/*.browser.test.ts'],
          exclude: ['**/node_modules/**'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'kafka',
          sequence: { groupOrder: 4 },
          environment: 'node',
          include: ['{event-log,stream-jobs,scripts,e2e}/**/*.kafka.test.ts'],
          exclude: ['**/node_modules/**'],
          globalSetup: ['serving-api/src/testing/cluster-template.ts', 'event-log/src/testing/provision-kafka.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'keycloak',
          expect: { poll: { timeout: POLL_MS } },
          sequence: { groupOrder: 5 },
          globalSetup: ['serving-api/src/testing/cluster-template.ts'],
          environment: 'node',
          include: ['e2e/**/*.keycloak.test.ts'],
          exclude: ['**/node_modules/**'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'postgres',
          expect: { poll: { timeout: POLL_MS } },
          sequence: { groupOrder: 6 },
          globalSetup: ['serving-api/src/testing/provision-postgres.ts'],
          env: { ECOMIND_TEST_STORE: 'postgres' },
          environment: 'node',
          // Whatever asks the control store through `openTestStore`.
          include: [
            'serving-api/src/{audit,directory,http,keys,privacy,scim,sign-in}/**/*.integration.test.ts',
            'serving-api/src/{audits,changes-at-once,factors,tenant-walk}.integration.test.ts',
          ],
          exclude: ['**/node_modules/**', '**/erasure-kills.integration.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        plugins: [solid()],
        test: {
          name: 'ui',
          expect: { poll: { timeout: POLL_MS } },
          sequence: { groupOrder: 0 },
          maxWorkers: 2,
          testTimeout: 180_000,
          environment: 'happy-dom',
          include: ['ui/**/*.test.{ts,tsx}'],
          exclude: ['**/node_modules/**'],
        },
      },
    ],
  },
})
