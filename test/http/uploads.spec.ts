import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { dumpOf } from '../support/dump.js'
import { Rollcall } from '../support/rollcall.js'
import { Upload } from '../support/upload.factory.js'

const MB = 1_048_576
/** All that fits into the gate of these tests. */
const ROOM = 10 * MB

const bodyOf = (length: number): string => '[{"source_id":"a"}]'.padEnd(length)

describe('The gate for large requests', () => {
  let rollcall: Rollcall

  beforeEach(async () => {
    rollcall = await Rollcall.start({ workers: 0, env: { UPLOAD_MEMORY_BYTES: String(ROOM) } })
  })
  afterEach(() => rollcall.stop())

  const begin = (length: number) => Upload.begin(rollcall, length)
  /** Whoever was to be let in before this is answered has been: all of them are served by one thread. */
  const aMomentLater = () => rollcall.call('GET', '/v1/async-actions')

  it('asks for a body when there is room for it, and takes the next when one is answered', async () => {
    const first = await (await begin(ROOM)).admitted()
    const second = await begin(20)
    await aMomentLater()
    expect(second.isAdmitted).toBe(false)
    first.send(bodyOf(ROOM))
    expect((await first.answer())?.status).toBe(202)
    await second.admitted()
    second.send(bodyOf(20))
    expect((await second.answer())?.status).toBe(202)
  })

  it('gives the place of a client that goes away to the next, at once', async () => {
    const first = await (await begin(ROOM)).admitted()
    const second = await begin(20)
    await aMomentLater()
    first.send('[')
    first.leave()
    await second.admitted()
    expect(await rollcall.query('SELECT FROM async_actions')).toHaveLength(0)
  })

  it('lets nobody overtake, and a client that leaves the line holds up nobody', async () => {
    await (await begin(6 * MB)).admitted()
    const large = await begin(6 * MB)
    await aMomentLater()
    const small = await begin(20)
    await aMomentLater()
    expect([large.isAdmitted, small.isAdmitted]).toEqual([false, false])
    large.leave()
    await small.admitted()
  })

  it('gives a place back when a request is refused', async () => {
    for (let request = 0; request < 3; request++) {
      const wrong = await (await begin(ROOM)).admitted()
      wrong.send('{"no":"array"}'.padEnd(ROOM))
      expect((await wrong.answer())?.status).toBe(400)
    }
  })

  it('is not for those who are refused anyway', async () => {
    await (await begin(ROOM)).admitted()
    const path = '/v1/customers/bulk/async'
    expect((await rollcall.call('POST', path, { keys: null, body: [] })).status).toBe(401)
    expect((await (await begin(ROOM + 65_537)).answer())?.status).toBe(413)
  })

  it('counts all three kinds of bulk requests, also those that come in pieces', async () => {
    const holder = await (await begin(ROOM)).admitted()
    const form = new FormData()
    form.set('file', new Blob(['Name,Source_id\nA,a\n']), 'a.csv')
    const metadata = new ReadableStream({
      start(stream) {
        stream.enqueue(Buffer.from('{"metadata":{"a":1},"source_ids":["a"]}'))
        stream.close()
      },
    })
    const headers = { 'x-app-id': rollcall.keys.appId, 'x-app-token': rollcall.keys.appToken }
    let answered = 0
    const requests = [
      fetch(`${rollcall.base}/v1/customers/importCSV`, { method: 'POST', headers, body: form }),
      fetch(`${rollcall.base}/v1/customers/metadata/async`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: metadata,
        duplex: 'half',
      }),
    ].map(async (request) => {
      const { status } = await request
      answered++
      return status
    })
    await aMomentLater()
    expect(answered).toBe(0)
    holder.leave()
    expect(await Promise.all(requests)).toEqual([202, 202])
  })

  it('takes any number of requests at once, one after another', async () => {
    const uploads = await Promise.all(Array.from({ length: 8 }, () => begin(6 * MB)))
    const answers = uploads.map(async (upload) => {
      await upload.admitted()
      upload.send(bodyOf(6 * MB))
      return (await upload.answer())?.status
    })
    expect(await Promise.all(answers)).toEqual(Array(8).fill(202))
    expect(await rollcall.query('SELECT FROM async_actions')).toHaveLength(8)
  })
})

describe('Who is too slow', () => {
  let rollcall: Rollcall
  let waiting: Upload
  let trickling: Upload
  let slowHeaders: Promise<string>
  let before: unknown
  let trickle: NodeJS.Timeout

  beforeAll(async () => {
    rollcall = await Rollcall.start({ workers: 0, env: { UPLOAD_MEMORY_BYTES: String(ROOM) } })
    before = await dumpOf((sql) => rollcall.query(sql))
    trickling = await (await Upload.begin(rollcall, 4 * MB)).admitted()
    const holder = await (await Upload.begin(rollcall, 6 * MB)).admitted()
    holder.send(' '.repeat(5 * MB)) // enough to be waited for
    waiting = await Upload.begin(rollcall, 8 * MB)
    trickle = setInterval(() => {
      trickling.send('[')
    }, 500)
    const { hostname, port } = new URL(rollcall.base)
    const socket = connect(Number(port), hostname)
    socket.write('GET /v1/async-actions HTTP/1.1\r\nHost: x\r\nX-Slow: ')
    slowHeaders = text(socket)
  })
  afterAll(async () => {
    clearInterval(trickle)
    await rollcall.stop()
  })

  it('to send its body is answered 408, and its connection is closed', async () => {
    const answer = await trickling.answer()
    clearInterval(trickle)
    expect(answer?.status).toBe(408)
    expect(answer?.body).toMatchObject({ code: 408, key: 'request_timeout' })
    expect(answer?.head).toContain('connection: close')
  }, 30_000)

  it('to send its headers is answered 408', async () => {
    expect(await slowHeaders).toMatch(/^HTTP\/1\.1 408 [^]*"key":"request_timeout"/)
  }, 30_000)

  it('to be served, after half a minute in line, is answered 503 and told when to come again', async () => {
    const answer = await waiting.answer()
    expect(answer?.status).toBe(503)
    expect(answer?.body).toMatchObject({ code: 503, key: 'too_many_uploads' })
    expect(answer?.head).toContain('retry-after: 10')
  }, 60_000)

  it('leaves nothing behind, and what it held is free again', async () => {
    expect(await dumpOf((sql) => rollcall.query(sql))).toEqual(before)
    await (await Upload.begin(rollcall, 4 * MB)).admitted()
  })
})

describe('An API that is asked to end in the middle of ten uploads', () => {
  let rollcall: Rollcall

  beforeEach(async () => {
    rollcall = await Rollcall.start({ workers: 0, env: { UPLOAD_MEMORY_BYTES: String(ROOM) } })
  })
  afterEach(() => rollcall.stop())

  it('takes those that come in time, refuses the others with 503, and is gone within 10 seconds', async () => {
    const reading: Upload[] = []
    const inLine: Upload[] = []
    while (reading.length < 5) reading.push(await (await Upload.begin(rollcall, 2 * MB)).admitted())
    while (inLine.length < 5) {
      inLine.push(await Upload.begin(rollcall, 2 * MB))
      await rollcall.call('GET', '/v1/async-actions') // so that the next is behind it
    }
    const uploads = [...reading, ...inLine]
    for (const upload of reading) upload.send(bodyOf(2 * MB).slice(0, MB))
    const asked = Date.now()
    const ended = rollcall.stopApi()
    // Two come to their end while the process waits, three never do, and the line moves on by two.
    for (const upload of reading.slice(0, 2)) upload.send(bodyOf(2 * MB).slice(MB))
    for (const upload of inLine.slice(0, 2)) {
      await upload.admitted()
      upload.send(bodyOf(2 * MB))
    }
    const answers = await Promise.all(uploads.map((upload) => upload.answer()))
    expect(await ended).toBe(0)
    expect(Date.now() - asked).toBeLessThan(10_000)
    expect(answers.map((answer) => answer?.status)).toEqual([
      202, 202, 503, 503, 503, 202, 202, 503, 503, 503,
    ])
    for (const answer of answers) expect(answer?.head).toContain('connection: close')
    const stored = await rollcall.query<{ id: string }>('SELECT id FROM async_actions')
    expect(new Set(stored.map(({ id }) => id))).toEqual(
      new Set(answers.flatMap((answer) => answer?.body['async_action_id'] ?? [])),
    )
  }, 30_000)
})

describe('A body in a million chunks of one byte', () => {
  let rollcall: Rollcall

  beforeAll(async () => {
    rollcall = await Rollcall.start({ workers: 0 })
  })
  afterAll(() => rollcall.stop())

  /** The most memory that the API has had so far, in bytes. */
  const peak = (): number => {
    const [, kilobytes] =
      /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${rollcall.apiPid}/status`, 'utf8')) ?? []
    return Number(kilobytes) * 1_024
  }

  /** With a million spaces before it: JSON all the same. */
  async function send(path: string, type: string, head: string, tail: string): Promise<string> {
    const { hostname, port } = new URL(rollcall.base)
    const { appId, appToken } = rollcall.keys
    const socket = connect(Number(port), hostname)
    const answer = text(socket)
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nX-App-Id: ${appId}\r\nX-App-Token: ${appToken}\r\n` +
        `Content-Type: ${type}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n` +
        chunk(head),
    )
    const spaces = chunk(' ').repeat(10_000)
    for (let part = 0; part < 100; part++) {
      if (!socket.write(spaces)) await once(socket, 'drain')
    }
    socket.write(`${chunk(tail)}0\r\n\r\n`)
    return (await answer).split('\r\n')[0] ?? ''
  }
  const chunk = (content: string): string => `${content.length.toString(16)}\r\n${content}\r\n`

  it.each([
    ['a bulk request', '/v1/customers/bulk/async', 'application/json', '[', ']'],
    [
      'a file',
      '/v1/customers/importCSV',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nName,Id\r\n"',
      '",a\r\n--x--\r\n',
    ],
  ])('takes hardly more memory than any other: %s', async (_, path, type, head, tail) => {
    const before = peak()
    expect(await send(path, type, head, tail)).toBe('HTTP/1.1 202 Accepted')
    expect(peak() - before).toBeLessThan(150_000_000)
  })
})
