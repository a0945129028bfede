import { readFile } from 'node:fs/promises'
import { compareWithOfficial } from './compare.js'
import { DEFINITIONS } from './definitions.js'
import { ENDPOINTS } from './endpoints.js'
import { type OpenApiDocument } from './openapi.js'

const HELP = `Compares what the tests take for the official API with an official OpenAPI 3.0 document.

  npm run conformance:official -- <file or URL>

Prints each difference and exits with 1 when there is one, with 2 when the document cannot be read.
Only the endpoints of this family are compared; of official alternatives only those about customers.`

/** The whole command; resolves with the exit code. */
export async function checkOfficial([source, ...rest]: string[]): Promise<number> {
  if (source === undefined || rest.length > 0 || source === '--help') {
    console.log(HELP)
    return source === '--help' ? 0 : 2
  }
  const document = await load(source).catch((error: unknown) => {
    console.error(`${source} cannot be read: ${(error as Error).message}`)
  })
  if (document === undefined) return 2
  const differences = compareWithOfficial({ endpoints: ENDPOINTS, definitions: DEFINITIONS }, document)
  for (const difference of differences) console.log(difference)
  console.log(`${ENDPOINTS.length} endpoints compared, ${differences.length} differences`)
  return differences.length === 0 ? 0 : 1
}

async function load(source: string): Promise<OpenApiDocument> {
  const text = /^https?:/.test(source) ? await download(source) : await readFile(source, 'utf8')
  const document = JSON.parse(text) as Partial<OpenApiDocument>
  if (!document.paths || !document.components) throw new Error('it is no OpenAPI document in JSON')
  return document as OpenApiDocument
}

async function download(url: string): Promise<string> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`the answer is ${response.status}`)
  return response.text()
}
