import { type Request } from 'express'
import { clientCredentialsOf } from './client-credentials.js'

const requestWith = (headers: Record<string, string>): Request =>
  ({ get: (name: string) => headers[name] }) as Partial<Request> as Request
const basic = (pair: string): Record<string, string> => ({
  Authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
})

describe('The client of a token request', () => {
  it.each([
    ['headers', { 'X-App-Id': 'till', 'X-App-Token': 'secret' }],
    ['HTTP Basic', basic('till:secret')],
    ['headers before HTTP Basic', { 'X-App-Id': 'till', 'X-App-Token': 'secret', ...basic('other:one') }],
  ])('is known by its %s', (_, headers) => {
    expect(clientCredentialsOf(requestWith(headers))).toEqual({ appId: 'till', appToken: 'secret' })
  })

  it('may have a secret with colons, and any character in form encoding', () => {
    expect(clientCredentialsOf(requestWith(basic('till+1:a:b%3A%C3%A9')))).toEqual({
      appId: 'till 1',
      appToken: 'a:b:é',
    })
  })

  it.each([
    ['nothing', {}],
    ['an id alone', { 'X-App-Id': 'till' }],
    ['a secret alone', { 'X-App-Token': 'secret' }],
    ['an empty secret', { 'X-App-Id': 'till', 'X-App-Token': '' }],
    ['an empty secret by HTTP Basic', basic('till:')],
    ['an empty id by HTTP Basic', basic(':secret')],
    ['HTTP Basic without a colon', basic('till')],
    ['HTTP Basic with a broken escape', basic('till:%zz')],
    ['another scheme', { Authorization: 'Bearer dGlsbDpzZWNyZXQ=' }],
  ])('is nobody with %s', (_, headers) => {
    expect(clientCredentialsOf(requestWith(headers))).toBeUndefined()
  })
})
