import { toListenError } from './listen-error.js'

const failure = (code: string): Error => Object.assign(new Error(`listen ${code}`), { code })
const say = (code: string) => toListenError(failure(code), { host: '192.0.2.1', port: 80 })

describe('An error of listening', () => {
  it.each([
    ['EADDRNOTAVAIL', 'Cannot listen on HOST=192.0.2.1: it is not an address of this machine. Set HOST to'],
    ['ENOTFOUND', 'Cannot listen on HOST=192.0.2.1: there is no such name. Set HOST to'],
    ['EUNHEARDOF', 'Cannot listen on HOST=192.0.2.1: listen EUNHEARDOF. Set HOST to'],
    ['EACCES', 'Cannot listen on PORT=80: permission denied. Set PORT to one from 1024 up.'],
    ['EADDRINUSE', 'PORT=80 is in use on HOST=192.0.2.1. Set PORT to a free one.'],
  ])('%s names the setting to change', (code, says) => {
    expect(say(code).message).toContain(says)
    expect(say(code).isPortInUse).toBe(code === 'EADDRINUSE')
  })
})
