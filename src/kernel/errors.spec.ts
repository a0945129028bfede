import {
  invalidPayload,
  invalidQuery,
  notFound,
  RequestError,
  tooManyRequests,
  unauthorized,
} from './errors.js'

describe('A refused request', () => {
  it.each([
    ['a wrong payload', invalidPayload('why'), [400, 'invalid_payload', 'Invalid payload', 'why']],
    ['a wrong query', invalidQuery('why'), [400, 'invalid_query_params', 'Invalid query params', 'why']],
    ['no valid credentials', unauthorized('Bearer', 'why'), [401, 'unauthorized', 'Unauthorized', 'why']],
    [
      'something that is not there',
      notFound('customer', 'x'),
      [404, 'not_found', 'Resource not found', 'Cannot find customer with id x'],
    ],
    [
      'too much at once',
      tooManyRequests('why', 10),
      [429, 'too_many_requests', 'Too many requests hit the API too quickly.', 'why'],
    ],
  ])('because of %s says so in the words of the contract', (_, error, expected) => {
    expect(error).toBeInstanceOf(RequestError)
    expect([error.status, error.key, error.message, error.details]).toEqual(expected)
  })

  it('says how to go on where there is a way', () => {
    expect(unauthorized('Bearer realm="x"', 'why').extra.headers).toEqual({
      'WWW-Authenticate': 'Bearer realm="x"',
    })
    expect(tooManyRequests('why', 10).extra.headers).toEqual({ 'Retry-After': '10' })
    expect(notFound('async_action', 'aa_1').extra).toEqual({
      resourceId: 'aa_1',
      resourceType: 'async_action',
    })
  })
})
