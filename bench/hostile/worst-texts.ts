import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as customerRow from '../../src/customers/domain/customer-row.js'
import type * as csv from '../../src/async-actions/report/csv.js'
import type * as instant from '../../src/kernel/instant.js'

export interface Timed {
  readonly name: string
  readonly milliseconds: number
}

const LIMITS = { maxSourceIdLength: 255, maxStringLength: 2_000 }

/** Long texts on which expressions that backtrack would take for ever. */
const textsOf = (bytes: number): Record<string, string> => ({
  'one letter': 'a'.repeat(bytes),
  'one letter, then another': `${'a'.repeat(bytes - 1)}!`,
  'plus signs': '+'.repeat(bytes),
  'digits and spaces': '1 '.repeat(bytes / 2),
  quotes: '"'.repeat(bytes),
  backslashes: '\\'.repeat(bytes),
  'halves of surrogate pairs': '\ud800'.repeat(bytes / 3),
  'a date that does not end': `2023-02-01T${'0'.repeat(bytes)}`,
})

/** How long the validators and the report take with the worst texts: each in one piece, as no request could have them. */
export function timeWorstTexts(clone: string, bytes: number): Timed[] {
  const require = createRequire(join(clone, 'dist', 'main.js'))
  const { readCustomerRow } = require('./customers/domain/customer-row.js') as typeof customerRow
  const { defuse } = require('./async-actions/report/csv.js') as typeof csv
  const { instantOfText } = require('./kernel/instant.js') as typeof instant
  const users: Record<string, (text: string) => unknown> = {
    'source_id of a row': (text) => readCustomerRow({ source_id: text }, LIMITS),
    'email of a row': (text) => readCustomerRow({ source_id: 'a', email: text }, LIMITS),
    'birthdate of a row': (text) => readCustomerRow({ source_id: 'a', birthdate: text }, LIMITS),
    'metadata of a row': (text) => readCustomerRow({ source_id: 'a', metadata: { [text]: text } }, LIMITS),
    'a cell of a report': defuse,
    'a time in a query': instantOfText,
  }
  return Object.entries(users).flatMap(([user, use]) =>
    Object.entries(textsOf(bytes)).map(([text, value]) => {
      const began = performance.now()
      use(value)
      return { name: `${user}: ${text}`, milliseconds: performance.now() - began }
    }),
  )
}
