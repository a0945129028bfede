import {
  isBrokenConnection,
  isContention,
  isOutage,
  isTimeout,
  isUniqueViolation,
  isUnmigrated,
} from './database-errors.js'

const withCode = (code: string): Error => Object.assign(new Error('x'), { code })

const KINDS = { isUniqueViolation, isUnmigrated, isContention, isOutage }
const kindsOf = (error: unknown): string[] =>
  Object.entries(KINDS).flatMap(([name, is]) => (is(error) ? [name] : []))

describe('An error of the database', () => {
  it.each(['23505'])('%s is a key that exists', (code) => {
    expect(kindsOf(withCode(code))).toEqual(['isUniqueViolation'])
  })

  it.each(['42P01'])('%s is a table that no migration made', (code) => {
    expect(kindsOf(withCode(code))).toEqual(['isUnmigrated'])
  })

  it.each(['40001', '40P01', '55P03', '57014', '25P02'])('%s is lost to other transactions', (code) => {
    expect(kindsOf(withCode(code))).toEqual(['isContention'])
  })

  it.each([
    '08006',
    '08001',
    '53300',
    '53100',
    '57P01',
    '57P03',
    '25P03',
    '58030',
    '28P01',
    '25006',
    '25P04',
    '40003',
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ENETUNREACH',
    'EMFILE',
  ])('%s is an outage', (code) => {
    expect(kindsOf(withCode(code))).toEqual(['isOutage'])
  })

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
    'Query read timeout',
  ])('"%s" is an outage', (message) => {
    expect(kindsOf(new Error(message))).toEqual(['isOutage'])
  })

  it.each([
    withCode('26000'),
    Object.assign(new Error('cached plan must not change result type'), { code: '0A000' }),
  ])(
    'about a stale prepared statement is lost to a change of the schema, and ends the connection',
    (error) => {
      expect(kindsOf(error)).toEqual(['isContention'])
      expect(isBrokenConnection(error)).toBe(true)
    },
  )

  it.each([withCode('57014'), withCode('25P03'), withCode('25P04'), new Error('Query read timeout')])(
    'may say that the work takes too long: %s',
    (error) => {
      expect(isTimeout(error)).toBe(true)
    },
  )

  it('ends the connection when PostgreSQL does not answer, and not when it refuses', () => {
    expect(isBrokenConnection(new Error('Query read timeout'))).toBe(true)
    expect([withCode('57014'), withCode('23505'), withCode('0A000')].some(isBrokenConnection)).toBe(false)
  })

  it.each(['22P05', '22021', '22003', '22012', '23514', '23503', '42601', '54000', '42501'])(
    '%s is the fault of the work itself',
    (code) => {
      expect(kindsOf(withCode(code))).toEqual([])
    },
  )

  it.each([[undefined], [null], ['08006'], [{ code: '23505' }], [new Error('x')]])(
    '%p is none of these',
    (error) => {
      expect(kindsOf(error)).toEqual([])
    },
  )
})
