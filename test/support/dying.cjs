/**
 * Loaded into a process before its own code (`NODE_OPTIONS=--require`), it kills that process as `kill -9` would, at
 * the place that `DIE` names.
 */
const { ServerResponse } = require('node:http')
const { Client } = require('pg')

const die = () => {
  process.kill(process.pid, 'SIGKILL')
  // The signal is on its way: nothing must be done until it is there.
  for (;;);
}

const { query } = Client.prototype
const { end } = ServerResponse.prototype
const keeping = new WeakSet()

/** The transaction that keeps an idempotency key dies with everything done but the commit. */
function dieBeforeCommit(statement, ...rest) {
  if (statement?.text?.includes('INSERT INTO idempotency_keys')) keeping.add(this)
  if (statement === 'COMMIT' && keeping.has(this)) die()
  return query.call(this, statement, ...rest)
}

/** Everything is done and committed, and nobody is told. */
function dieBeforeAnswer(...rest) {
  if (this.statusCode === 202) die()
  return end.apply(this, rest)
}

const { DIE } = process.env
if (DIE === 'before the commit') Client.prototype.query = dieBeforeCommit
if (DIE === 'before the answer') ServerResponse.prototype.end = dieBeforeAnswer
