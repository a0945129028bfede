import { connect } from 'node:net'

const TIMEOUT_MS = 2_000

/** Whether a Redis listens on that port of 127.0.0.1, knows our password and answers. */
export function redisAnswers(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: TIMEOUT_MS })
    const finish = (answered: boolean) => {
      resolve(answered)
      socket.destroy()
    }
    let heard = ''
    socket.once('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`))
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1')
      if (/^\+PONG/m.test(heard)) finish(true)
      else if (heard.startsWith('-')) finish(false)
    })
    for (const ending of ['error', 'timeout', 'close']) {
      socket.once(ending, () => {
        finish(false)
      })
    }
  })
}
