import { defineConfig } from 'vitest/config'

const trackingTests = ['tests/tracking/**/*.test.ts']
const lonelyTests = [
  'tests/{browser,executors,fuzz,ray-long,slurm-long}/**/*.test.ts',
  'tests/{hostile,slurm}.test.ts',
  '**/*.system.test.ts',
]
const built = ['**/node_modules/**', '.next*/**', 'data/**', 'build/**']

/**
 * `unit`: the tests beside their files, two files at a time. The others come afterwards. `system`: what fills both cores or measures what
 * it is kept from: the browser, Slurm, hostile input; one file at a time. `waiting`, and `tracking` with Python's clients: what starts
 * servers and mostly waits for them, two files at a time.
 */
export default defineConfig({
  test: {
    environment: 'node',
    // better-sqlite3 and process groups are a process's business, not a thread's
    pool: 'forks',
    restoreMocks: true,
    unstubEnvs: true,
    // what is waited for comes when it comes; a machine under load is slow, not wrong
    expect: { poll: { timeout: 20_000 } },
    // a machine that stands still for seconds is CI's, not the product's: the second try is marked "(retry x1)" in the output
    retry: process.env.CI ? 1 : 0,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{app,bench,cli,contract,db,domain,examples,scripts,server,trainer}/**/*.test.{ts,tsx}'],
          exclude: ['**/*.system.test.ts', '**/node_modules/**'],
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: lonelyTests,
          exclude: built,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'tracking',
          include: trackingTests,
          exclude: ['**/node_modules/**'],
          globalSetup: './tests/tracking/install-clients.ts',
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'waiting',
          include: ['tests/**/*.test.ts'],
          exclude: [...trackingTests, ...lonelyTests, ...built],
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
