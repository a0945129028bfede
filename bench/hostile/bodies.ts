/** A body of the largest size, and where it goes. */
export interface HostileBody {
  readonly name: string
  readonly path: string
  readonly type: string
  readonly body: Buffer
}

const BULK = '/v1/customers/bulk/async'
const METADATA = '/v1/customers/metadata/async'
const IMPORT = '/v1/customers/importCSV'
const BOUNDARY = 'bench'

/** One after the other: all of them at once would be most of what there is of memory. */
export function* hostileBodies(bytes: number): Generator<HostileBody> {
  const json = (name: string, path: string, text: string): HostileBody => ({
    name,
    path,
    type: 'application/json',
    body: Buffer.from(text),
  })
  yield json('as many rows as there is room for', BULK, list('{"source_id":"a"}', bytes))
  yield json('as many empty objects', BULK, list('{}', bytes))
  yield json('as many numbers', BULK, list('1', bytes))
  yield json('nothing but brackets', BULK, '['.repeat(bytes))
  yield json('nothing but spaces', BULK, `[${' '.repeat(bytes - 2)}]`)
  yield json('one text', BULK, `["${'x'.repeat(bytes - 4)}"]`)
  yield json('one text of escapes', BULK, `[{"source_id":"${'\\u0041'.repeat((bytes - 20) / 6)}"}]`)
  yield json('a number of as many digits', BULK, `[${'1'.repeat(bytes - 2)}]`)
  yield json('one row of as many fields', BULK, `[{"source_id":"a",${fields(bytes - 30)}}]`)
  yield json('rows as deep as may be', BULK, list(deep(30), bytes))
  yield json('no JSON at its very end', BULK, `[${' '.repeat(bytes - 2)}}`)
  yield { ...json('no UTF-8 at its very end', BULK, ''), body: endingWrong(bytes) }
  yield json(
    'as many source_ids',
    METADATA,
    `{"metadata":{"a":1},"source_ids":[${items('"a"', bytes - 50)}]}`,
  )
  yield json('metadata of as many keys', METADATA, `{"source_ids":["a"],"metadata":{${fields(bytes - 50)}}}`)
  yield json('a customer too large', '/v1/customers', `{"source_id":"${'x'.repeat(bytes - 20)}"}`)
  yield json('a customer as large as may be', '/v1/customers', largestObject(bytes))
  yield file('as many lines', `Source_id\n${'a\n'.repeat((bytes - 400) / 2)}`)
  yield file('as many columns', `Source_id${',x'.repeat((bytes - 400) / 2)}\na\n`)
  yield file('nothing but quotes', `Source_id\n"${'""'.repeat((bytes - 400) / 2)}`)
  yield file('one cell', `Source_id\n${'x'.repeat(bytes - 400)}\n`)
}

const items = (item: string, bytes: number): string => {
  const count = Math.floor((bytes - 2) / (item.length + 1))
  return `${`${item},`.repeat(count - 1)}${item}`
}

const list = (item: string, bytes: number): string => `[${items(item, bytes)}]`

const fields = (bytes: number): string => {
  const count = Math.floor(bytes / 12)
  return Array.from({ length: count }, (_, n) => `"${String(n).padStart(7, 'k')}":1`).join()
}

const deep = (levels: number): string =>
  `{"source_id":"a","metadata":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`

/** What is read as one object in the main thread has a limit of its own. */
const largestObject = (bytes: number): string => {
  const most = Math.min(bytes, 2_097_152)
  return `{"source_id":"largest","metadata":{${fields(most - 60)}}}`
}

function endingWrong(bytes: number): Buffer {
  const body = Buffer.alloc(bytes, ' ')
  body[0] = 0x5b
  body[bytes - 1] = 0xff
  return body
}

function file(name: string, content: string): HostileBody {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n`
  return {
    name: `a file: ${name}`,
    path: IMPORT,
    type: `multipart/form-data; boundary=${BOUNDARY}`,
    body: Buffer.from(`${head}${content}\r\n--${BOUNDARY}--\r\n`),
  }
}
