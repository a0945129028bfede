// Far from UTC, and from its full hours: what depends on the zone of the machine is found out.
process.env.TZ = 'America/St_Johns'

/** Everything runs on real PostgreSQL and Redis, which test/support/global-setup.ts brings up. */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  // A command of their own (npm run test:browser), because they need a browser.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/browser/'],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.jest.json' }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  setupFiles: ['<rootDir>/test/support/properties.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // Ends what hangs. On two cores test/faults/redis.spec.ts took 26 s at a load of 6, and 172 s at one of 20.
  testTimeout: 300_000,
  maxWorkers: 2,
}
