import solid from 'vite-plugin-solid'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    reporters: ['default', './scripts/src/ci/counts-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          sequence: { groupOrder: 0 },
          environment: 'node',
          // No test is about time; this is how long a busy machine may take for one.
          testTimeout: 60_000,
          include: [
            '{schemas,ingest-edge,event-log,stream-jobs,footprint,clickhouse,serving-api,scripts,e2e}/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', '**/*.{integration,e2e,browser}.test.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          sequence: { groupOrder: 1 },
          environment: 'node',
          include: [
            '{schemas,ingest-edge,event-log,stream-jobs,footprint,clickhouse,serving-api,scripts,e2e}/**/*.integration.test.ts',
          ],
          exclude: ['**/node_modules/**'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          sequence: { groupOrder: 2 },
          environment: 'node',
          include: ['e2e/**/*.e2e.test.ts'],
          exclude: ['**/node_modules/**'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'browser',
          sequence: { groupOrder: 3 },
          environment: 'node',
          include: ['e2e/**/*.browser.test.ts'],
          exclude: ['**/node_modules/**'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        plugins: [solid()],
        test: {
          name: 'ui',
          sequence: { groupOrder: 0 },
          testTimeout: 60_000,
          environment: 'happy-dom',
          include: ['ui/**/*.test.{ts,tsx}'],
          exclude: ['**/node_modules/**'],
        },
      },
    ],
  },
})
