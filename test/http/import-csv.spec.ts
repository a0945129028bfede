import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expectInvariants } from '../support/invariants.js'
import { packed } from '../support/payload.factory.js'
import { fileOf, type Form, formOf, sendAndLeave, sendRaw } from '../support/multipart.factory.js'
import { type Action, eventually, Rollcall } from '../support/rollcall.js'

const PATH = '/v1/customers/importCSV'
const LIMIT = 10_485_760
const TOO_LARGE = {
  statusCode: 413,
  error: 'Request Entity Too Large',
  message: 'Payload content length greater than maximum allowed: 10485760',
}

interface ImportResult {
  readonly message: string
  readonly failed: { source_id: string; row: number; reason: string }[]
  readonly done_count: number
  readonly failed_count: number
  readonly reports: string[]
  readonly reports_available_till: string
}

let rollcall: Rollcall

beforeAll(async () => {
  // Chunks so small that most files are several.
  rollcall = await Rollcall.start({ env: { CHUNK_BYTES: '1024' } })
})
afterAll(() => rollcall.stop())

const post = ({ body, headers }: Form) => rollcall.call('POST', PATH, { body, headers })

async function schedule(file: string | Uint8Array): Promise<string> {
  const answer = await post(fileOf(file))
  expect([answer.status, answer.text]).toEqual([202, expect.any(String) as string])
  return String(answer.body['async_action_id'])
}

async function run(file: string | Uint8Array): Promise<Action & { result: ImportResult }> {
  return (await rollcall.finished(await schedule(file))) as unknown as Action & { result: ImportResult }
}

const customer = async (idOrSourceId: string) =>
  (await rollcall.call('GET', `/v1/customers/${encodeURIComponent(idOrSourceId)}`)).body

const actionCount = async (): Promise<number> => (await rollcall.query('SELECT FROM async_actions')).length

async function expectRefused(form: Form, details: unknown): Promise<void> {
  const before = await actionCount()
  const answer = await post(form)
  expect([answer.status, answer.body]).toEqual([
    400,
    {
      code: 400,
      key: 'invalid_payload',
      message: 'Invalid payload',
      details,
      request_id: answer.headers.get('x-voucherify-request-id'),
    },
  ])
  expect(await actionCount()).toBe(before)
}

/** In a process of its own: the client loads what it needs in a way that jest's sandbox does not know. */
async function importWithSdk(path: string): Promise<string> {
  const { appId, appToken } = rollcall.keys
  const program = `
    const { VoucherifyServerSide } = require('@voucherify/sdk')
    const [apiUrl, applicationId, secretKey, path] = process.argv.slice(1)
    VoucherifyServerSide({ apiUrl, applicationId, secretKey })
      .customers.importCSV(path)
      .then(({ async_action_id }) => process.stdout.write(async_action_id))`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['-e', program, rollcall.base, appId, appToken, path],
    { cwd: join(__dirname, '..', '..') },
  )
  return stdout
}

describe('POST /v1/customers/importCSV', () => {
  describe('accepting', () => {
    it('answers 202 with the id of the action and nothing else', async () => {
      const answer = await post(fileOf('Source_id\nfirst\n'))
      expect(answer.status).toBe(202)
      expect(answer.body).toEqual({ async_action_id: expect.stringMatching(/^aa_[0-9a-f]{18}$/) as string })
    })

    it.each([
      ['of type text/csv', { type: 'text/csv', filename: 'a.csv' }],
      ['of type application/octet-stream', { type: 'application/octet-stream', filename: 'a' }],
      ['of type text/plain with a charset', { type: 'text/plain; charset=utf-8', filename: 'a.txt' }],
      ['of no type', { filename: 'a.csv' }],
      ['without a filename', {}],
      ['with further headers', { headers: ['X-Whatever: 1', 'Content-Transfer-Encoding: binary'] }],
    ])('takes a part %s', async (_, part) => {
      const name = randomUUID()
      const { status, body } = await post(
        formOf([{ name: 'file', ...part, content: `Source_id\n${name}\n` }]),
      )
      expect(status).toBe(202)
      await rollcall.finished(String(body['async_action_id']))
      expect((await customer(name))['source_id']).toBe(name)
    })

    it('passes over other parts, wherever they are', async () => {
      const other = { name: 'other', content: 'x'.repeat(10_000) }
      const nameless = { content: 'nobody' }
      const file = { name: 'file', filename: 'a.csv', content: 'Source_id\nbetween\n' }
      const { status, body } = await post(formOf([other, nameless, file, { ...other, filename: 'b' }]))
      expect(status).toBe(202)
      await rollcall.finished(String(body['async_action_id']))
      expect((await customer('between'))['source_id']).toBe('between')
    })

    it('takes a file that is sent in pieces of unknown length', async () => {
      const { body, headers } = fileOf('Source_id\nin pieces\n')
      const stream = new ReadableStream({
        start(controller) {
          for (const byte of body) controller.enqueue(Uint8Array.of(byte))
          controller.close()
        },
      })
      const { appId, appToken } = rollcall.keys
      const response = await fetch(rollcall.base + PATH, {
        method: 'POST',
        headers: { ...headers, 'x-app-id': appId, 'x-app-token': appToken },
        body: stream,
        duplex: 'half',
      })
      expect(response.status).toBe(202)
    })

    it('takes a file of exactly 10,485,760 bytes, and answers one more with 413', async () => {
      const text = `Source_id,Description\npadded,"${'x'.repeat(2_000)}"\n`
      const action = await run(text + '\n'.repeat(LIMIT - text.length))
      expect(action.result).toMatchObject({ done_count: 1, failed_count: 0 })
      const answer = await post(fileOf('\n'.repeat(LIMIT + 1)))
      expect([answer.status, answer.body]).toEqual([413, TOO_LARGE])
    })

    it('answers 413 to a body far too long, before it is sent, and while it is', async () => {
      const { appId, appToken } = rollcall.keys
      const head = (length: string) =>
        `POST ${PATH} HTTP/1.1\r\nHost: x\r\nX-App-Id: ${appId}\r\nX-App-Token: ${appToken}\r\nConnection: close\r\n` +
        `Content-Type: multipart/form-data; boundary=b\r\n${length}\r\n\r\n`
      expect(await sendRaw(rollcall.base, head('Content-Length: 99999999999'))).toMatch(/^HTTP\/1\.1 413 /)
      const part = Buffer.concat([
        Buffer.from('--b\r\nContent-Disposition: form-data; name="other"\r\n\r\n'),
        Buffer.alloc(LIMIT + 100_000, 'x'),
      ])
      const chunked = Buffer.concat([
        Buffer.from(`${head('Transfer-Encoding: chunked')}${part.length.toString(16)}\r\n`),
        part,
        Buffer.from('\r\n0\r\n\r\n'),
      ])
      expect(await sendRaw(rollcall.base, chunked)).toMatch(/^HTTP\/1\.1 413 /)
    })

    it('asks for credentials before anything else', async () => {
      const { body } = fileOf('x')
      expect((await rollcall.call('POST', PATH, { keys: null, body })).status).toBe(401)
    })

    it.each([
      'application/json',
      'text/csv',
      'application/x-www-form-urlencoded',
      'multipart/mixed; boundary=b',
    ])('answers content type %j with 415', async (type) => {
      expect((await post({ body: fileOf('x').body, headers: { 'content-type': type } })).status).toBe(415)
    })

    it('answers a compressed body with 415', async () => {
      const { body, headers } = fileOf('x')
      expect((await post({ body, headers: { ...headers, 'content-encoding': 'gzip' } })).status).toBe(415)
    })
  })

  describe('refusing a form', () => {
    const part = { name: 'file', filename: 'a.csv', content: 'Source_id\nnobody\n' }
    const NOT_THERE = "Payload should have required property 'file'"
    const BROKEN = 'The multipart form ends too early, or has another boundary than it says'
    const bytes = (text: string) => Buffer.from(text)
    const withBody = (text: string): Form => ({
      body: bytes(text),
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
    })

    it.each<[string, string, Form]>([
      ['no part', NOT_THERE, formOf([])],
      ['no such part', NOT_THERE, formOf([{ ...part, name: 'File' }])],
      ['a part without a name', NOT_THERE, formOf([{ content: 'Source_id\n' }])],
      ['two such parts', "Payload should have one part 'file' only", formOf([part, part])],
      [
        'too many parts',
        'Payload should not have more than 100 parts',
        formOf([...Array<typeof part>(101).fill({ ...part, name: 'x' }), part]),
      ],
      [
        'an empty file',
        'The file is empty; its first line must name the columns',
        formOf([{ ...part, content: '' }]),
      ],
      [
        'a flood of headers',
        NOT_THERE,
        formOf([
          { headers: Array.from({ length: 2_000 }, (_, n) => `X-${n}: ${'x'.repeat(10)}`), content: 'x' },
        ]),
      ],
      [
        'a header that never ends',
        NOT_THERE,
        formOf([{ headers: [`X: ${'x'.repeat(60_000)}`], content: 'x' }]),
      ],
      [
        'no boundary',
        'The Content-Type of the request names no boundary',
        { ...fileOf('x'), headers: { 'content-type': 'multipart/form-data' } },
      ],
      [
        'another boundary',
        BROKEN,
        { ...formOf([part]), headers: { 'content-type': 'multipart/form-data; boundary=other' } },
      ],
      ['no body', BROKEN, withBody('')],
      ['no form', BROKEN, withBody('Source_id\nnobody\n')],
      [
        'an end in the headers of a part',
        BROKEN,
        withBody('--b\r\nContent-Disposition: form-data; name="file"'),
      ],
      [
        'an end in its file',
        BROKEN,
        withBody('--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nSource_id\nhalf'),
      ],
      [
        'an end in another part',
        BROKEN,
        withBody('--b\r\nContent-Disposition: form-data; name="x"\r\n\r\nSource_id\nhalf'),
      ],
      [
        'an end after a part',
        BROKEN,
        withBody('--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nSource_id\nhalf\r\n--b'),
      ],
    ])('with %s is a 400', async (_, details, form) => {
      await expectRefused(form, details)
    })

    it('never hangs and never fails, whatever is wrong with it', async () => {
      const whole = formOf([part, { name: 'x', content: 'y' }], 'b').body
      for (let length = 0; length < whole.length; length += 7) {
        const { status } = await post({ body: whole.subarray(0, length), headers: withBody('').headers })
        expect([400, 202]).toContain(status)
      }
      for (let at = 0; at < whole.length; at += 5) {
        const body = Buffer.from(whole)
        body[at] = 0x0d
        const { status } = await post({ body, headers: withBody('').headers })
        expect([400, 202]).toContain(status)
      }
    })

    it('leaves nothing behind when the client goes away in the middle', async () => {
      const before = await actionCount()
      const { appId, appToken } = rollcall.keys
      const head =
        `POST ${PATH} HTTP/1.1\r\nHost: x\r\nX-App-Id: ${appId}\r\nX-App-Token: ${appToken}\r\n` +
        'Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000000\r\n\r\n' +
        '--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nSource_id\n'
      await Promise.all(
        Array.from({ length: 10 }, () =>
          sendAndLeave(rollcall.base, Buffer.concat([bytes(head), Buffer.alloc(2_500_000, 'left\n')])),
        ),
      )
      expect((await run('Source_id\nstayed\n')).status).toBe('DONE')
      expect(await actionCount()).toBe(before + 1)
      expect(await customer('left')).toMatchObject({ code: 404 })
    })
  })

  describe('refusing a file', () => {
    it.each<[string, string | Uint8Array]>([
      ['The file is not valid UTF-8', Buffer.from('Source_id\ncaf\u00e9\n', 'latin1')],
      ['The file is empty; its first line must name the columns', '\r\n,\r\n'],
      ['Column 2 of the file has no name', 'Source_id,,Name\n'],
      ['Columns 1 and 2 of the file are the same: Postal_Code', 'Address_Postal_Code,Postal_Code\n'],
      [
        'Column 2 of the file cannot be kept. Property .metadata must not have the key prototype',
        'Source_id,prototype\n',
      ],
      ['Line 3 of the file opens a quote that is never closed', 'Source_id,Name\na,b\nc,"d\ne\n'],
      ['Line 2 of the file has something behind the closing quote of a cell', 'Source_id,Name\na,"b"c\n'],
      ['Payload has more than 600000 rows', `a\n${'1\n'.repeat(600_001)}`],
    ])('“%s” is a 400, and nothing is stored', async (details, file) => {
      await expectRefused(fileOf(file), details)
    })

    it('stores nothing of a file that is wrong at its end', async () => {
      const rows = Array.from({ length: 5_000 }, (_, n) => `end-${n}`).join('\n')
      await expectRefused(
        fileOf(`Source_id\n${rows}\n"`),
        'Line 5002 of the file opens a quote that is never closed',
      )
      expect(
        await rollcall.query(
          'SELECT FROM async_action_payloads WHERE async_action_id NOT IN (SELECT id FROM async_actions)',
        ),
      ).toEqual([])
    })
  })

  describe('effect', () => {
    it('sets attributes, address and metadata from all columns', async () => {
      const action = await run(
        '\ufeffSource_id,Name,Email,Phone,Birthdate,Address_line_1,City,Postal_Code,Address_State,Country,Description,Tier,first name\r\n' +
          '"all, of ""it""",N,e@x.y,+1,2001-02-03T23:00:00Z,1,NY,10001,NY,US,"two\r\nlines",gold,007\r\n',
      )
      expect(action).toMatchObject({
        type: 'CUSTOMERS.IMPORT_CSV',
        status: 'DONE',
        operation_status: 'SUCCESS',
        progress: 100,
      })
      expect(action.result).toEqual({
        message: '1 customer(s) imported successfully, 0 failed.',
        failed: [],
        done_count: 1,
        failed_count: 0,
        reports: [expect.stringMatching(/^http/)],
        reports_available_till: expect.any(String) as string,
      })
      expect(await customer('all, of "it"')).toMatchObject({
        name: 'N',
        email: 'e@x.y',
        phone: '+1',
        birthdate: '2001-02-03',
        address: { line_1: '1', city: 'NY', postal_code: '10001', state: 'NY', country: 'US' },
        description: 'two\r\nlines',
        metadata: { Tier: 'gold', 'first name': '007' },
      })
    })

    it('overwrites what a cell holds, leaves alone what is empty or no column, and merges metadata', async () => {
      await rollcall.finished(
        await rollcall.bulk([
          {
            source_id: 'over',
            name: 'old',
            phone: 'kept',
            email: 'kept',
            address: { city: 'old', state: 'kept' },
            metadata: { a: 1, b: 2, c: [3] },
          },
        ]),
      )
      await run('Source_id,Name,Email,City,a,b\nover,new,,new,1,\n')
      const over = await customer('over')
      expect(over).toMatchObject({ name: 'new', phone: 'kept', email: 'kept' })
      expect(over['address']).toEqual({ city: 'new', state: 'kept' })
      expect(over['metadata']).toEqual({ a: '1', b: 2, c: [3] })
    })

    it('of a header alone is done with nothing', async () => {
      const { status, result } = await run('Source_id,Name\r\n')
      expect(status).toBe('DONE')
      expect(result).toMatchObject({
        message: '0 customer(s) imported successfully, 0 failed.',
        failed: [],
        done_count: 0,
        failed_count: 0,
      })
    })

    it('knows a customer by our id, which goes before its source_id', async () => {
      await rollcall.finished(await rollcall.bulk([{ source_id: 'by id' }, { source_id: 'not me' }]))
      const id = String((await customer('by id'))['id'])
      const action = await run(
        [
          'Id,Source_id,Name',
          `${id},,one`,
          `${id},not me,two`,
          'cust_nobody,by id,three',
          'cust_nobody,,four',
          'cust_nobody,quite new,five',
        ].join('\n'),
      )
      expect(action.result).toMatchObject({
        message: '4 customer(s) imported successfully, 1 failed.',
        failed: [{ source_id: '', row: 4, reason: 'Cannot find customer with id cust_nobody' }],
        done_count: 4,
        failed_count: 1,
      })
      expect(await customer('by id')).toMatchObject({ id, name: 'three' })
      expect(await customer('not me')).not.toHaveProperty('name')
      expect(await customer('quite new')).toMatchObject({ name: 'five' })
      expect(
        (await rollcall.report(action)).map(({ source_id, found, key }) => [source_id, found, key]),
      ).toEqual([
        ['by id', 'true', ''],
        ['not me', 'true', ''],
        ['by id', 'true', ''],
        ['', 'false', 'not_found'],
        ['quite new', 'false', ''],
      ])
    })

    it('makes a new customer for each line that names none', async () => {
      const action = await run('Name,Source_id\nAnonymous,\nAnonymous,\nNamed,named\n')
      expect(action.result.done_count).toBe(3)
      const anonymous = await rollcall.query<{ source_id: null }>(
        `SELECT source_id FROM customers WHERE document::json->>'name' = 'Anonymous'`,
      )
      expect(anonymous).toEqual([{ source_id: null }, { source_id: null }])
      expect((await rollcall.report(action)).map(({ source_id, found }) => [source_id, found])).toEqual([
        ['', 'false'],
        ['', 'false'],
        ['named', 'false'],
      ])
    })

    it('fails a bad line alone, with its number, in whatever chunk it is', async () => {
      const good = Array.from({ length: 300 }, (_, n) => `good-${n},,`)
      const lines = [
        ...good.slice(0, 150),
        'bad-date,2023-02-30,',
        'short',
        ...good.slice(150),
        'long,,,,',
        'nul,,a\0b',
      ]
      const action = await run(`Source_id,Birthdate,tier\n\n${lines.join('\n')}`)
      expect(action).toMatchObject({ status: 'DONE', operation_status: 'FAILED' })
      expect(action.result).toMatchObject({
        message: '300 customer(s) imported successfully, 4 failed.',
        failed: [
          {
            source_id: 'bad-date',
            row: 151,
            reason: 'Property .birthdate must be a calendar date (YYYY-MM-DD) or an ISO 8601 date-time',
          },
          { source_id: 'short', row: 152, reason: 'The row has 1 cells, the header 3' },
          { source_id: 'long', row: 303, reason: 'The row has more cells than the header, which has 3' },
          {
            source_id: 'nul',
            row: 304,
            reason: 'Property .metadata.tier must not contain the character U+0000',
          },
        ],
      })
      const chunks = await rollcall.query('SELECT FROM async_action_reports WHERE async_action_id = $1', [
        action.id,
      ])
      expect(chunks.length).toBeGreaterThan(2)
    })

    it('shows the first 1,000 failures in the result', async () => {
      const action = await run(
        `Source_id,Name\n${Array.from({ length: 1_200 }, (_, n) => `f${n}`).join('\n')}`,
      )
      expect(action.result.failed_count).toBe(1_200)
      expect(action.result.failed.map(({ row }) => row)).toEqual(
        Array.from({ length: 1_000 }, (_, n) => n + 1),
      )
    })

    it('applies lines to the same customer in their order, by id and by source_id in turn, each in a chunk of its own', async () => {
      await rollcall.finished(await rollcall.bulk([{ source_id: 'turns' }]))
      const id = String((await customer('turns'))['id'])
      const value = (n: number) => `${n} ${'x'.repeat(1_100)}`
      const lines = Array.from({ length: 150 }, (_, n) => `${n % 2 === 0 ? `${id},` : ',turns'},${value(n)}`)
      const action = await run(`Id,Source_id,last\n${lines.join('\n')}\n`)
      expect(action).toMatchObject({ status: 'DONE', result: { done_count: 150, failed_count: 0 } })
      expect((await customer('turns'))['metadata']).toEqual({ last: value(149) })
      expect(await rollcall.query(`SELECT version FROM customers WHERE source_id = 'turns'`)).toEqual([
        { version: 151 },
      ])
      const [{ chunks } = { chunks: 0 }] = await rollcall.query<{ chunks: number }>(
        'SELECT chunk_count AS chunks FROM async_actions WHERE id = $1',
        [action.id],
      )
      expect(chunks).toBe(150)
    })

    it('takes its turn among the bulk requests of the project', async () => {
      const before = await rollcall.bulk([{ source_id: 'queue', metadata: { a: 1, b: 1, c: 1 } }])
      const csv = await schedule('Source_id,b,c\nqueue,2,2\n')
      const after = await rollcall.bulk([{ source_id: 'queue', metadata: { c: 3 } }])
      for (const id of [before, csv, after]) await rollcall.finished(id)
      expect((await customer('queue'))['metadata']).toEqual({ a: 1, b: '2', c: 3 })
    })

    it('leaves rows, log and outcomes in agreement', async () => {
      await eventually('all actions have ended', async () => {
        const open = await rollcall.query('SELECT FROM async_actions WHERE finished_at IS NULL')
        return open.length === 0 ? true : undefined
      })
      await expectInvariants(rollcall)
    })
  })

  describe('an action on which the system fails', () => {
    it('tells so in the form of an import', async () => {
      const elsewhere = await Rollcall.start({ workers: 0 })
      try {
        const { body, headers } = fileOf('Source_id\na\nb\n')
        const answer = await elsewhere.call<{ async_action_id: string }>('POST', PATH, { body, headers })
        await elsewhere.query('UPDATE async_action_payloads SET packed = $1', [packed('[]')])
        await elsewhere.startWorker()
        expect(await elsewhere.finished(answer.body.async_action_id)).toMatchObject({
          status: 'FAILED',
          operation_status: 'FAILED',
          result: {
            message: '0 customer(s) imported successfully, 2 failed.',
            failed: [{ source_id: '', row: 1, reason: 'The system could not go on with this action.' }],
            done_count: 0,
            failed_count: 2,
            reports: [expect.stringMatching(/^http/)],
            reports_available_till: expect.any(String) as string,
          },
        })
      } finally {
        await elsewhere.stop()
      }
    })
  })

  describe('with the official client', () => {
    it('imports a file from a path', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'rollcall-csv-'))
      try {
        const path = join(folder, 'customers.csv')
        await writeFile(
          path,
          'Name,Source_id,Email,Phone,Birthdate,Address_line_1,Address_line_2,Postal_Code,City,State,Country,Description,tier\n' +
            'Sdk,sdk-csv,s@x.y,+0700,2001-02-03,1,2,10001,NY,NY,US,D,gold\n',
        )
        const client = rollcall.client()
        const id = await importWithSdk(path)
        await rollcall.finished(id)
        expect(await client.customers.get('sdk-csv')).toMatchObject({
          name: 'Sdk',
          phone: '+0700',
          address: { line_1: '1', line_2: '2', postal_code: '10001', city: 'NY' },
          metadata: { tier: 'gold' },
        })
        expect(await client.asyncActions.get(id)).toMatchObject({
          type: 'CUSTOMERS.IMPORT_CSV',
          result: { message: '1 customer(s) imported successfully, 0 failed.' },
        })
      } finally {
        await rm(folder, { recursive: true })
      }
    })
  })
})
