const { globalSetup, globalTeardown, ...config } = require('../jest.config.cjs')

/** Tests of pure code alone, which need no servers; whoever runs them says in which folders (`roots`). */
module.exports = {
  ...config,
  rootDir: '..',
  moduleNameMapper: { '^fast-check$': '<rootDir>/mutation/fast-check.cjs', ...config.moduleNameMapper },
  testTimeout: 30_000,
}
