/**
 * Loaded into a worker before its own code (`NODE_OPTIONS=--require`), it takes the process down, as a system without
 * memory or a crash in native code would, when rows are to be applied that name the customer `deadly`: always, or only
 * when they are several.
 */
const { join } = require('node:path')

const { CustomerRepository } = require(
  join(__dirname, '..', '..', 'dist', 'customers', 'store', 'customer.repository.js'),
)

const die = () => {
  process.kill(process.pid, 'SIGKILL')
  // The signal is on its way: nothing must be done until it is there.
  for (;;);
}

const { loadNamed } = CustomerRepository.prototype
const fewest = Number(process.env.DEADLY_FROM)

CustomerRepository.prototype.loadNamed = function (session, projectId, rows, ...rest) {
  if (rows.length >= fewest && rows.some(({ sourceId }) => sourceId === 'deadly')) die()
  return loadNamed.call(this, session, projectId, rows, ...rest)
}
