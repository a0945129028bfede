const fastCheck = require('../node_modules/fast-check/lib/cjs/fast-check.js')

/** Properties look at fewer cases here, because they run once for every mutant; examples stand beside them. */
const MOST_RUNS = 50

module.exports = {
  ...fastCheck,
  assert: (property, parameters = {}) =>
    fastCheck.assert(property, {
      ...parameters,
      numRuns: Math.min(parameters.numRuns ?? MOST_RUNS, MOST_RUNS),
    }),
}
