import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'apps/*/src/**/*.test.ts',
      'scripts/**/*.test.ts',
      'examples/*/*.test.ts',
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Real processes and real networks on a machine that may be busy; a retry is shown in the output.
    retry: process.env.CI ? 2 : 0,
    // Two cores are the reference machine; more workers only fight for them.
    maxWorkers: 2,
  },
})
