import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { eventually } from './eventually.js'
import { type Rollcall } from './rollcall.js'

export interface UploadAnswer {
  readonly status: number
  readonly head: string
  readonly body: Record<string, unknown>
}

/** A bulk request in the hands of a test: it asks whether to send its body, and sends it as the test says. */
export class Upload {
  private received = ''
  private closed = false

  private constructor(private readonly socket: Socket) {
    socket.on('data', (bytes) => {
      this.received += bytes.toString()
    })
    socket.on('error', () => undefined) // told by what was received, or not
    socket.on('close', () => {
      this.closed = true
    })
  }

  /** Sends the head of a request whose body is said to have `length` bytes. */
  static async begin({ base, keys }: Rollcall, length: number): Promise<Upload> {
    const { hostname, port } = new URL(base)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    const upload = new Upload(socket)
    const head = [
      'POST /v1/customers/bulk/async HTTP/1.1',
      'Host: x',
      'Content-Type: application/json',
      `X-App-Id: ${keys.appId}`,
      `X-App-Token: ${keys.appToken}`,
      `Content-Length: ${String(length)}`,
      'Expect: 100-continue',
    ]
    upload.send(`${head.join('\r\n')}\r\n\r\n`)
    return upload
  }

  /** Whether the server asked for the body, which it does when there is room for it. */
  get isAdmitted(): boolean {
    return this.received.startsWith('HTTP/1.1 100 ')
  }

  get isAnswered(): boolean {
    return this.answerText().includes('\r\n\r\n')
  }

  async admitted(): Promise<this> {
    await eventually('the server asks for the body', () => Promise.resolve(this.isAdmitted || undefined))
    return this
  }

  send(text: string): void {
    this.socket.write(text)
  }

  leave(): void {
    this.socket.resetAndDestroy()
  }

  /** The answer, once it is there or the connection is closed without one. */
  async answer(): Promise<UploadAnswer | undefined> {
    await eventually('there is an answer', () => Promise.resolve(this.isAnswered || this.closed || undefined))
    const [head = '', body = ''] = this.answerText().split('\r\n\r\n')
    if (head === '') return undefined
    return {
      status: Number(head.split(' ')[1]),
      head: head.toLowerCase(),
      body: JSON.parse(body) as Record<string, unknown>,
    }
  }

  private answerText(): string {
    return this.received.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '')
  }
}
