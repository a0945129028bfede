/** What only a browser shows. Needs Chromium on the machine: set CHROMIUM to its path when it is not found. */
const shared = require('./jest.config.cjs')

module.exports = { ...shared, roots: ['<rootDir>/test/browser'], testPathIgnorePatterns: [], maxWorkers: 1 }
