import { loadSettings } from '../config/index.js'
import { PublicAddress } from './public-address.js'

/** Of a process that listens; what it listens on is looked up from HOST. */
function addressOf(env: NodeJS.ProcessEnv, address = env['HOST'] ?? '127.0.0.1'): PublicAddress {
  const ours = new PublicAddress(loadSettings(env))
  ours.listensOn({ address, port: 3000 })
  return ours
}

describe('The address that links begin with', () => {
  it.each([
    [{}, 'http://127.0.0.1:3000'],
    [{ HOST: '::1' }, 'http://[::1]:3000'],
    [{ HOST: '10.0.0.7' }, 'http://10.0.0.7:3000'],
    [{ HOST: '0.0.0.0' }, 'http://127.0.0.1:3000'],
    [{ HOST: '::' }, 'http://127.0.0.1:3000'],
    [{ HOST: '0.0.0.0', PUBLIC_URL: 'https://rollcall.example.com/' }, 'https://rollcall.example.com'],
  ])('of %p is %s', (env, baseUrl) => {
    expect(addressOf(env).baseUrl).toBe(baseUrl)
  })

  it.each([
    ['0.0.0.0', '0.0.0.0'],
    ['::', '::'],
    ['::0', '::'],
    ['everywhere', '0.0.0.0'],
  ])('leads nowhere on other machines, with HOST=%s and nothing else', (HOST, address) => {
    expect(addressOf({ HOST }, address).trouble).toMatch(
      /^Links to reports begin with http:\/\/127\.0\.0\.1:3000.*set PUBLIC_URL/,
    )
  })

  it.each([[{}], [{ HOST: '10.0.0.7' }], [{ HOST: '0.0.0.0', PUBLIC_URL: 'https://rollcall.example.com' }]])(
    'is good: %p',
    (env) => {
      expect(addressOf(env).trouble).toBeUndefined()
    },
  )
})
