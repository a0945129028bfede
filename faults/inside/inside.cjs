/**
 * Loaded into every process under test before its own code (`NODE_OPTIONS=--require`): what cannot be done to a process
 * from outside. The bench sends messages `{ inside: <what>, … }`; nothing happens before the first.
 */
const { ServerResponse } = require('node:http')
const { join } = require('node:path')
const { Client } = require('pg')

const { CustomerChunkHandler } = require(
  join(process.env.FAULTS_BUILD, 'customers', 'rows', 'customer.chunk-handler.js'),
)

/** Where this process shall die or stop, once. */
let point
let shift = 0

/** Accepting, starting, a chunk, a single write: whatever is recorded is an event. Clocks and leases are written, too. */
const RECORDS = /\bINTO events\b/
const recording = new WeakSet()

const signal = (name) => {
  point = undefined
  process.kill(process.pid, name)
  // The signal is on its way: nothing must be done until it is there.
  if (name === 'SIGKILL') for (;;);
}

const orders = {
  point: ({ at }) => {
    point = at
    // From here on it cannot be on its way to a point that it was told before.
    if (at === undefined) process.send({ type: 'safe' })
  },
  block: ({ ms }) => {
    const end = performance.now() + ms
    while (performance.now() < end);
  },
  clock: ({ ms }) => {
    shift = ms
  },
}

process.on('message', (message) => orders[message?.inside]?.(message))

const { query } = Client.prototype
const { end } = ServerResponse.prototype
const { apply } = CustomerChunkHandler.prototype

Client.prototype.query = function (statement, ...rest) {
  const text = typeof statement === 'string' ? statement : statement?.text
  if (text !== 'COMMIT') {
    if (RECORDS.test(text)) recording.add(this)
    return query.call(this, statement, ...rest)
  }
  if (!recording.delete(this)) return query.call(this, statement, ...rest)
  if (point === 'die before the commit') signal('SIGKILL')
  if (point === 'stop before the commit') signal('SIGSTOP')
  const answer = query.call(this, statement, ...rest)
  if (point !== 'die after the commit') return answer
  // It may have been told otherwise meanwhile.
  return answer.then((result) => (point === 'die after the commit' ? signal('SIGKILL') : result))
}

ServerResponse.prototype.end = function (...rest) {
  if (point === 'die before the answer' && this.statusCode === 202) signal('SIGKILL')
  return end.apply(this, rest)
}

/** A defect that shows with some rows only. */
CustomerChunkHandler.prototype.apply = function (session, context, rows) {
  if (rows.some(({ sourceId }) => sourceId.startsWith('poison'))) throw new Error('poisoned')
  return apply.call(this, session, context, rows)
}

/** The clock on the wall jumps; timers, as everywhere, do not. */
const { now } = Date
globalThis.Date = new Proxy(Date, {
  construct: (target, args, of) => Reflect.construct(target, args.length ? args : [now() + shift], of),
  apply: (target) => new target(now() + shift).toString(),
  get: (target, key) => (key === 'now' ? () => now() + shift : Reflect.get(target, key)),
})
