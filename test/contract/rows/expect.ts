/** Assertions that rows share; plain ones, because rows also run outside of jest. */
import assert from 'node:assert/strict'
import { type Answer } from '../../support/http.js'

/** The object has these properties with these values, and possibly others. */
export function has(actual: object, expected: object): void {
  const picked = Object.fromEntries(
    Object.keys(expected).map((name) => [name, (actual as Record<string, unknown>)[name]]),
  )
  assert.deepEqual(picked, { ...expected })
}

export function lacks(actual: object, ...names: string[]): void {
  assert.deepEqual(
    names.filter((name) => name in actual),
    [],
    'properties that must be absent are there',
  )
}

/** The answer is an error with this status, which its body repeats, and these fields. */
export function isError(answer: Answer<object>, status: number, expected: object = {}): void {
  assert.equal(answer.status, status, answer.text)
  has(answer.body, { code: status, ...expected })
}

/** The request is rejected by the official client with such an error. */
export async function isRejected(request: Promise<unknown>, expected: object): Promise<void> {
  const error = await request.then(
    () => assert.fail('the request was not refused'),
    (reason: unknown) => reason as object,
  )
  has(error, expected)
}

export const MILLISECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
export const MICROSECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/
export const UNKNOWN_ACTION = 'aa_000000000000000000'

/** What the error object of a 404 says. */
export const notFound = (type: string, id: string): object => ({
  key: 'not_found',
  message: 'Resource not found',
  details: `Cannot find ${type} with id ${id}`,
  resource_id: id,
  resource_type: type,
})

export { assert }
